package dev.construir;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.ArchTests;
import com.tngtech.archunit.lang.ArchRule;
import dev.construir.testing.LibraryRules;

@AnalyzeClasses(packages = "dev.construir", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureRulesTest {
    private static final String[] EXPORTED = {"dev.construir", "dev.construir.disk.."};

    @ArchTest
    static final ArchTests OF_EVERY_LIBRARY = ArchTests.in(LibraryRules.class);

    @ArchTest
    static final ArchRule SIGNATURES_SPEAK_JAVA_AND_CONSTRUIR = LibraryRules.signaturesOf(EXPORTED);

    @ArchTest
    static final ArchRule WHAT_USERS_HOLD_SAYS_WHAT_IT_IS = LibraryRules.printed(EXPORTED);
}
