/**
 * Partition tables of disks with sectors of 512, 1024, 2048 or 4096 bytes: those of PCs (MBR), with logical partitions,
 * and GPT as chapter 5 of the UEFI specification describes it. They may be hostile: every number is checked, chains
 * end, memory is bounded. What is inside a partition is no concern of this package.
 */
@org.jspecify.annotations.NullMarked
package dev.construir.partition;
