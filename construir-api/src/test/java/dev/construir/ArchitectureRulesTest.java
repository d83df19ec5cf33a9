package dev.construir;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaModifier.FINAL;
import static com.tngtech.archunit.core.domain.JavaModifier.PUBLIC;
import static com.tngtech.archunit.core.domain.properties.HasModifiers.Predicates.modifier;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.THROW_GENERIC_EXCEPTIONS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "dev.construir", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureRulesTest {
    @ArchTest
    static final ArchRule NO_PACKAGE_CYCLES =
            slices().matching("dev.construir.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule BACKENDS_KNOW_NOTHING_OF_JOBS = noClasses()
            .that()
            .resideInAPackage("dev.construir.machine..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "dev.construir.job..",
                    "dev.construir.run..",
                    "dev.construir.disk..",
                    "dev.construir.guest..",
                    "dev.construir.image..");

    @ArchTest
    static final ArchRule NO_STANDARD_STREAMS = noClasses().should(ACCESS_STANDARD_STREAMS);

    @ArchTest
    static final ArchRule NO_GENERIC_EXCEPTIONS = noClasses().should(THROW_GENERIC_EXCEPTIONS);

    @ArchTest
    static final ArchRule NOTHING_IS_RUN_BY_THE_COMMON_POOL =
            noClasses().should().callMethod(java.util.concurrent.ForkJoinPool.class, "commonPool");

    @ArchTest
    static final ArchRule PUBLIC_CLASSES_ARE_FINAL_OR_MEANT_TO_BE_EXTENDED = classes()
            .that()
            .arePublic()
            .and()
            .areNotInterfaces()
            .and()
            .areNotEnums()
            .and()
            .areNotAssignableTo(Exception.class)
            .should()
            .haveModifier(FINAL);

    @ArchTest
    static final ArchRule SIGNATURES_SPEAK_JAVA_AND_CONSTRUIR = methods()
            .that()
            .areDeclaredInClassesThat(resideInAPackage("dev.construir..").and(modifier(PUBLIC)))
            .and()
            .arePublic()
            .should()
            .haveRawReturnType(javaOrConstruir())
            .andShould()
            .haveRawParameterTypes(DescribedPredicate.allElements(javaOrConstruir()));

    private static DescribedPredicate<JavaClass> javaOrConstruir() {
        return DescribedPredicate.describe(
                "types of the JDK or of construir",
                type -> type.getBaseComponentType().isPrimitive()
                        || type.getBaseComponentType().getPackageName().startsWith("java.")
                        || type.getBaseComponentType().getPackageName().startsWith("dev.construir"));
    }
}
