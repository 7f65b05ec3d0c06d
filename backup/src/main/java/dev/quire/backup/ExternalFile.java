package dev.quire.backup;

/**
 * A file of an external backup, to be stored under its name.
 *
 * @param name in the directory of the backup
 * @param bytes its length
 * @param unitBytes what a reader may begin at a multiple of: the page size of a database, 4096 in other files
 */
public record ExternalFile(String name, long bytes, int unitBytes) {}
