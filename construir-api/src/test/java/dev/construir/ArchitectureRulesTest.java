package dev.construir;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.ArchTests;
import com.tngtech.archunit.lang.ArchRule;
import dev.construir.disk.SparseCopy;
import dev.construir.testing.LibraryRules;

@AnalyzeClasses(
        packages = "dev.construir",
        importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureRulesTest.NotOfDisks.class})
class ArchitectureRulesTest {
    /** Those have the same test in their own module. */
    static final class NotOfDisks implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("construir-disk");
        }
    }

    private static final String[] EXPORTED = {
        "dev.construir.backend",
        "dev.construir.image",
        "dev.construir.job",
        "dev.construir.machine",
        "dev.construir.queue",
        "dev.construir.run",
        "dev.construir.sandbox",
        "dev.construir.scratch"
    };

    @ArchTest
    static final ArchTests OF_EVERY_LIBRARY = ArchTests.in(LibraryRules.class);

    @ArchTest
    static final ArchRule SIGNATURES_SPEAK_JAVA_AND_CONSTRUIR = LibraryRules.signaturesOf(EXPORTED);

    @ArchTest
    static final ArchRule WHAT_USERS_HOLD_SAYS_WHAT_IT_IS = LibraryRules.printed(EXPORTED);

    // ProcessMachine is a guest as well, which unpacks the job's disk and writes the status. SparseCopy copies a file,
    // whatever is in it.
    @ArchTest
    static final ArchRule BACKENDS_KNOW_NOTHING_OF_JOBS = noClasses()
            .that()
            .resideInAnyPackage("dev.construir.backend..", "dev.construir.machine..")
            .and()
            .doNotHaveFullyQualifiedName("dev.construir.backend.ProcessMachine")
            .should()
            .dependOnClassesThat(resideInAnyPackage(
                            "dev.construir.job..",
                            "dev.construir.run..",
                            "dev.construir.disk..",
                            "dev.construir.guest..",
                            "dev.construir.image..")
                    .and(not(type(SparseCopy.class))));
}
