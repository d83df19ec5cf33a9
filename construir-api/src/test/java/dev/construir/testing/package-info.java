/**
 * For tests of backends and of code that uses the library: an in-memory hypervisor, the contract suite every backend passes, and
 * where the test images are. Published as the test-jar of construir-api.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.testing;
