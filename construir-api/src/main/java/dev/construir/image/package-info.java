/**
 * Root images: the base systems machines boot, as directories with an {@code image.properties} or as bare disk files.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.image;
