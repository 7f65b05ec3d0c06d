package dev.quire.io;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Says what an {@link IOException} means to us: which error, and whether the disk is full or broken. */
final class DiskFaults {

    /** What Linux, macOS and Windows say when there is no room, in small letters. */
    private static final List<String> FULL = List.of(
            "no space left",
            "file too large",
            "quota exceeded",
            "not enough space on the disk",
            "there is not enough space",
            "disk full");

    /** And of a volume that may only be read. */
    private static final List<String> READ_ONLY = List.of("read-only file system", "write protected");

    /** And of a name that the volume cannot hold. */
    private static final List<String> NO_NAME = List.of("file name too long", "filename too long");

    private DiskFaults() {}

    /** A fault while {@code action}, which needs no room. */
    static QuireException of(IOException fault, Path file, String action) {
        String message = action + ": " + said(fault);
        if (fault instanceof ClosedByInterruptException) {
            String why = action + ": an interrupt of this thread closed the file; only threads of the engine, which"
                    + " nobody interrupts, may call this";
            return new StorageFaultException(QuireError.DISK_IO, file, why, fault);
        }
        if (fault instanceof NoSuchFileException) {
            return new NotFoundException(QuireError.FILE_NOT_FOUND, file, message, fault);
        }
        if (fault instanceof FileAlreadyExistsException) {
            return new QuireException(QuireError.FILE_ALREADY_EXISTS, file, message, fault);
        }
        if (fault instanceof AccessDeniedException || fault instanceof DirectoryNotEmptyException) {
            return new QuireException(QuireError.FILE_ACCESS_DENIED, file, message, fault);
        }
        boolean named = fault instanceof FileSystemException; // an open file whose volume is read-only now is a fault
        if (named && saysAny(fault, READ_ONLY)) {
            return new QuireException(QuireError.FILE_ACCESS_DENIED, file, message, fault);
        }
        if (named && saysAny(fault, NO_NAME)) {
            return new QuireException(QuireError.INVALID_PATH, file, message, fault);
        }
        if (saysAny(fault, FULL)) {
            return new StorageFullException(QuireError.DISK_FULL, file, message, fault);
        }
        return new StorageFaultException(QuireError.DISK_IO, file, message, fault);
    }

    /** A fault while {@code action}, which needs room: also full if the volume has nothing left. */
    static QuireException whileWriting(IOException fault, Path file, String action) {
        QuireException meant = of(fault, file, action);
        boolean plain = meant instanceof StorageFaultException && !(fault instanceof ClosedByInterruptException);
        if (plain && nothingLeft(file)) {
            String message = action + ": nothing is left on the volume: " + said(fault);
            return new StorageFullException(QuireError.DISK_FULL, file, message, fault);
        }
        return meant;
    }

    /** In the words of the system, and without the path, which is told beside it. */
    private static String said(IOException fault) {
        if (fault instanceof NoSuchFileException) {
            return "there is no such file or directory";
        }
        if (fault instanceof FileAlreadyExistsException) {
            return "there is something already";
        }
        if (fault instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (fault instanceof DirectoryNotEmptyException) {
            return "the directory is not empty";
        }
        return fault instanceof FileSystemException of && of.getReason() != null ? of.getReason() : fault.toString();
    }

    /** The reason alone: in a path anything may stand. */
    private static boolean saysAny(IOException fault, List<String> words) {
        String said = fault instanceof FileSystemException of ? of.getReason() : fault.getMessage();
        return words.stream().anyMatch(String.valueOf(said).toLowerCase(Locale.ROOT)::contains);
    }

    private static boolean nothingLeft(Path file) {
        try {
            return Files.getFileStore(file).getUsableSpace() == 0;
        } catch (IOException unknown) {
            return false; // the first fault is the one to report
        }
    }
}
