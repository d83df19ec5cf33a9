package dev.construir.testing;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What holds for every backend besides {@link LibraryRules}. */
public final class BackendRules {
    @ArchTest
    static final ArchRule KNOWS_NOTHING_OF_JOBS = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "dev.construir.job..", "dev.construir.run..", "dev.construir.disk..", "dev.construir.image..");

    private BackendRules() {}
}
