package dev.quire;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import dev.quire.io.QuireException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** The arrows between packages, and what may be touched from where. */
class ArchitectureTest {

    private static final String API = "dev.quire";
    private static final String TABLE = "dev.quire.table";
    private static final String PAGES = "dev.quire.pages";
    private static final String DURABLE = "dev.quire.durable";
    private static final String IO = "dev.quire.io";
    private static final String IO_PAGE = "dev.quire.io.page";
    private static final String IO_LOG = "dev.quire.io.log";
    private static final String BACKUP = "dev.quire.backup";
    private static final String SOCKET = "dev.quire.backup.socket";
    private static final String CLI = "dev.quire.cli";

    /** Every package of Quire, and the others that it may know. */
    private static final Map<String, Set<String>> ARROWS = new TreeMap<>(Map.of(
            IO, Set.of(),
            IO_PAGE, Set.of(IO),
            IO_LOG, Set.of(IO),
            PAGES, Set.of(IO, IO_PAGE),
            TABLE, Set.of(IO, IO_PAGE, PAGES),
            DURABLE, Set.of(IO, IO_PAGE, IO_LOG, PAGES),
            API, Set.of(IO, IO_PAGE, PAGES, TABLE, DURABLE),
            BACKUP, Set.of(IO, IO_PAGE, IO_LOG, PAGES, TABLE, DURABLE, API),
            SOCKET, Set.of(IO, DURABLE, API, BACKUP),
            CLI, Set.of(IO, IO_PAGE, IO_LOG, PAGES, TABLE, DURABLE, API, BACKUP, SOCKET)));

    private static final JavaClasses QUIRE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages(API);

    private static final SliceAssignment BY_PACKAGE = new SliceAssignment() {

        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            return isQuire(type) ? SliceIdentifier.of(type.getPackageName()) : SliceIdentifier.ignore();
        }

        @Override
        public String getDescription() {
            return "packages of Quire";
        }
    };

    @Test
    void everyPackageMustHaveItsRowInTheTableOfArrows() {
        Set<String> found = new TreeSet<>();
        QUIRE.forEach(type -> found.add(type.getPackageName()));
        assertEquals(ARROWS.keySet(), found);
    }

    @Test
    void everyArrowMustBeInTheTable() {
        assertAll(ARROWS.entrySet().stream().map(row -> () -> onlyKnows(row.getKey(), row.getValue())));
    }

    @Test
    void packagesMustBeFreeOfCycles() {
        slices().assignedFrom(BY_PACKAGE).should().beFreeOfCycles().check(QUIRE);
    }

    @Test
    void onlyIoMustTouchTheFileSystem() {
        noClasses()
                .that()
                .resideOutsideOfPackages(IO, CLI)
                .should()
                .dependOnClassesThat(resideInAPackage("java.nio.channels")
                        .and(named(".*File.*"))
                        .or(named("java\\.io\\.(File|RandomAccessFile|File(In|Out)putStream|File(Reader|Writer))"))
                        .or(named("java\\.nio\\.file\\.Files")))
                .because(IO + " is the one door to the disk, or the simulated disk proves nothing")
                .check(QUIRE);
    }

    @Test
    void onlyOneClassOfTheEngineMustComputeChecksums() {
        List<String> users = QUIRE.stream()
                .filter(type -> type.getDirectDependenciesFromSelf().stream()
                        .anyMatch(use -> use.getTargetClass().isEquivalentTo(CRC32C.class)))
                .map(JavaClass::getName)
                .toList();
        List<String> engine = users.stream()
                .filter(name -> !name.startsWith(BACKUP + '.') && !name.startsWith(CLI + '.'))
                .toList();
        assertTrue(engine.size() <= 1 && engine.stream().allMatch(name -> name.startsWith(IO + '.')), engine::toString);
        assertTrue(users.size() - engine.size() <= 1, () -> "besides the second reader: " + users);
    }

    @Test
    void librariesMustStayWhereTheyBelong() {
        only(Set.of(BACKUP, CLI), "net.openhft..");
        only(Set.of(BACKUP, CLI), "com.fasterxml.jackson..");
        only(Set.of(CLI), "picocli..");
        only(Set.of(CLI), "me.tongfei..", "org.jline..");
        only(Set.of(BACKUP, CLI), "java.util.logging..");
        only(Set.of(), "org.slf4j..");
        only(Set.of(IO), "jdk.jfr..");
        only(Set.of(IO), "jdk.net..");
    }

    @Test
    void nobodyMustNeedAFlagOfTheVirtualMachine() {
        noClasses()
                .should()
                .dependOnClassesThat(resideInAnyPackage("sun..", "com.sun..", "jdk.internal..")
                        .or(resideInAnyPackage(
                                "org.agrona.concurrent.ringbuffer..",
                                "org.agrona.concurrent.broadcast..",
                                "org.agrona.concurrent.status..",
                                "org.agrona.concurrent.errors..",
                                "org.agrona.checksum.."))
                        .or(named("org\\.agrona\\.concurrent\\.(UnsafeBuffer|.*Queue)"))
                        .or(named("org\\.agrona\\.(Unsafe.*|BufferUtil|IoUtil|MarkFile|PrintBufferUtil|Expandable.*)")))
                .because("these parts of agrona open jdk.internal, and a library cannot set a flag for its users")
                .check(QUIRE);
    }

    @Test
    void onlyTheCommandLineMustPrintOrExit() {
        noClasses()
                .that()
                .resideOutsideOfPackage(CLI)
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .orShould()
                .callMethod(System.class, "exit", int.class)
                .orShould()
                .callMethod(Throwable.class, "printStackTrace")
                .check(QUIRE);
    }

    @Test
    void everyExceptionOfQuireMustLiveInIo() {
        classes()
                .that()
                .areAssignableTo(QuireException.class)
                .should()
                .resideInAPackage(IO)
                .because("nothing may point upward to be able to fail")
                .check(QUIRE);
    }

    private static void onlyKnows(String from, Set<String> to) {
        noClasses()
                .that()
                .resideInAPackage(from)
                .should()
                .dependOnClassesThat(describe("are Quire's and neither in " + from + " nor in " + to, type -> {
                    String name = type.getPackageName();
                    return isQuire(type) && !name.equals(from) && !to.contains(name);
                }))
                .allowEmptyShould(true)
                .check(QUIRE);
    }

    private static void only(Set<String> users, String... library) {
        noClasses()
                .that(describe("live outside of " + users, type -> !users.contains(type.getPackageName())))
                .should()
                .dependOnClassesThat(resideInAnyPackage(library))
                .check(QUIRE);
    }

    private static DescribedPredicate<JavaClass> named(String pattern) {
        return describe("are named " + pattern, type -> type.getName().matches(pattern));
    }

    private static boolean isQuire(JavaClass type) {
        return type.getPackageName().equals(API) || type.getPackageName().startsWith(API + '.');
    }
}
