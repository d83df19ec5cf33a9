/** Tests of the scripts that come with the jobs. */
@org.jspecify.annotations.NullMarked
package dev.construir.examples.jobs;
