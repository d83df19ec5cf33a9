/** Directories that are made once, published whole, used by many, and kept within bounds. */
@NullMarked
package dev.construir.store;

import org.jspecify.annotations.NullMarked;
