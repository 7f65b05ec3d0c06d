package dev.quire.backup.socket;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quire.durable.BackupKind;
import java.io.IOException;
import java.io.InputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Fear: another user takes a backup. Only root can become one, and only where there is a tool for that. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StrangerTest {

    private static final Path SETPRIV = Path.of("/usr/bin/setpriv");
    private static final String NOBODY = "65534";

    @TempDir
    private Path directory;

    /** Run as somebody else; knows nothing but the JDK, because he may read nothing of what is ours. */
    static final class Stranger {

        private static final String THERE = "a stranger is there";

        private Stranger() {}

        /** Says that he is there, connects, and repeats what he hears. */
        public static void main(String[] socket) throws IOException {
            System.out.println(THERE);
            try (SocketChannel peer = SocketChannel.open(UnixDomainSocketAddress.of(socket[0]))) {
                ByteBuffer heard = ByteBuffer.allocate(10_000);
                while (heard.hasRemaining() && peer.read(heard) >= 0) {
                    continue;
                }
                System.out.write(heard.array(), 0, heard.position());
                System.out.flush();
            }
        }
    }

    @Test
    void anotherUserMustBeKeptOutByThePermissionsAndByHisName() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")) && Files.isExecutable(SETPRIV));
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        String name = Stranger.class.getName().replace('.', '/') + ".class";
        Path copy = directory.resolve("classes").resolve(name);
        Files.createDirectories(copy.getParent());
        try (InputStream bytes = Stranger.class.getClassLoader().getResourceAsStream(name)) {
            Files.copy(bytes, copy);
        }
        try (SocketScene scene = new SocketScene(directory)) {
            String refused = stranger(scene.path);
            assertTrue(refused.contains("Permission denied"), refused);
            Files.setPosixFilePermissions(scene.path, PosixFilePermissions.fromString("rw-rw-rw-"));
            String heard = stranger(scene.path);
            assertTrue(heard.contains("only the user who has the instance open may"), heard);
            assertFalse(heard.contains(scene.instance.directory().toString()), heard);
            scene.take(BackupKind.FULL, "b");
            scene.holds("b", scene.commits());
        }
    }

    private String stranger(Path socket) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(List.of(
                        SETPRIV.toString(),
                        "--reuid=" + NOBODY,
                        "--regid=" + NOBODY,
                        "--clear-groups",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:-UsePerfData",
                        "-cp",
                        directory.resolve("classes").toString(),
                        Stranger.class.getName(),
                        socket.toString()))
                .redirectErrorStream(true);
        builder.environment().put("LC_ALL", "C");
        Process process = builder.start();
        try {
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            assertTrue(process.waitFor(30, TimeUnit.SECONDS));
            assumeTrue(!said.startsWith("setpriv:"), said);
            assumeTrue(said.contains(Stranger.THERE), said); // the JDK, or a directory above, is closed to him
            return said;
        } finally {
            process.destroyForcibly();
        }
    }
}
