package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quire.durable.BackupKind;
import dev.quire.io.Storage;
import dev.quire.io.StoreFile;
import dev.quire.io.sim.SimDisk;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Fear: who stores has much to bring to a slow disk, asks nothing meanwhile, and is taken for one who has gone. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PulledPatienceTest {

    private final ChainScene chain = new ChainScene(1);
    private final SimDisk store = new SimDisk(Scene.ROOT);
    private final CountDownLatch said = new CountDownLatch(1);

    /** Of the n-th database that arrives one operation ends only when it was said once that somebody goes on. */
    private Storage slow(int which, String operation) {
        AtomicInteger made = new AtomicInteger();
        return Proxies.proxy(Storage.class, (method, given) -> {
            Object result = Proxies.invoke(method, store, given);
            boolean pages = method.getName().equals("create")
                    && ((Path) given[0]).toString().endsWith(".qdb");
            return pages && made.getAndIncrement() == which ? slow((StoreFile) result, operation) : result;
        });
    }

    private StoreFile slow(StoreFile file, String operation) {
        return Proxies.proxy(StoreFile.class, (method, given) -> {
            if (method.getName().equals(operation)) {
                assertTrue(said.await(30, TimeUnit.SECONDS), "nobody said that he goes on");
            }
            return Proxies.invoke(method, file, given);
        });
    }

    @ParameterizedTest
    @CsvSource({"0,force", "0,read", "1,force", "1,read"})
    void whoWaitsForHisDiskMustSayThatHeGoesOn(int which, String operation) {
        LocalOffer good = new LocalOffer(chain.scene.instance, Duration.ofMinutes(5));
        BackupOffer offer = Proxies.proxy(BackupOffer.class, (method, given) -> {
            Object result = Proxies.invoke(method, good, given);
            if (method.getName().equals("stay")) {
                said.countDown();
            }
            return result;
        });
        BackupRequest request = BackupRequest.of(BackupKind.FULL)
                .to(Scene.BACKUP)
                .createPathIfNotExist(true)
                .conclude();
        PulledBackup.run(() -> offer, slow(which, operation), request);
        assertEquals(0, said.getCount());
        assertNull(CrashJudge.restores(store, Scene.BACKUP, chain.scene.contents(), 1));
    }
}
