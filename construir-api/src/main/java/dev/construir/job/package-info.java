/** What to run: a job, how much it may use, and how long it may take. How it is run is no concern of this package. */
@org.jspecify.annotations.NullMarked
package dev.construir.job;
