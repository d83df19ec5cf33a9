package dev.construir.command;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(
        packages = {"dev.construir.command", "dev.construir.terminal"},
        importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureRulesTest {
    @ArchTest
    static final ArchRule THE_COMMAND_STANDS_ON_DISKS_AND_THOSE_ON_THE_TERMINAL = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("command")
            .definedBy("dev.construir.command")
            .layer("disk")
            .definedBy("dev.construir.command.disk")
            .layer("terminal")
            .definedBy("dev.construir.terminal")
            .whereLayer("command")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("disk")
            .mayOnlyBeAccessedByLayers("command");

    @ArchTest
    static final ArchRule NO_CYCLES =
            slices().matching("dev.construir.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule THE_TERMINAL_KNOWS_NO_COMMAND_LINE = noClasses()
            .that()
            .resideInAPackage("dev.construir.terminal")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("picocli..");
}
