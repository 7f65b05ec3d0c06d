package dev.quire.backup;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What {@link ChainFaultTest} asks of a backup that copies by itself holds of one that is pulled and stored. */
class PulledFaultTest {

    @ParameterizedTest
    @EnumSource(value = ChainStep.class, mode = EnumSource.Mode.MATCH_ALL, names = "PULLED.*")
    void aFaultMustLeaveTheChainAsItWasOrOneFurther(ChainStep step) {
        assertTrue(ChainFaultTest.sweep(step, 5) >= 15);
    }
}
