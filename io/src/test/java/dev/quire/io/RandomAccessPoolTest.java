package dev.quire.io;

import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Handles that are lent. */
class RandomAccessPoolTest {

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void whatKeepsAHandleFromBeingOpenedMustNotTakeItsPlaceForEver(@TempDir Path directory) throws IOException {
        Path file = Files.write(directory.resolve("file"), new byte[1]);
        RandomAccessPool pool = new RandomAccessPool(FileIdentity.of(file), "no mode there is", 2);
        for (int i = 0; i < 5; i++) {
            assertThrows(IllegalArgumentException.class, () -> pool.borrow(file));
        }
        pool.close();
    }
}
