/**
 * Where the test images are, and what the tests of several modules use. Published as the test-jar of construir-api, for
 * this project only.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.testing;
