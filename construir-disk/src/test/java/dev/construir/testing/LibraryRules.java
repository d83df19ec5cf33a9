package dev.construir.testing;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaModifier.FINAL;
import static com.tngtech.archunit.core.domain.JavaModifier.PUBLIC;
import static com.tngtech.archunit.core.domain.JavaModifier.STATIC;
import static com.tngtech.archunit.core.domain.properties.HasModifiers.Predicates.modifier;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.THROW_GENERIC_EXCEPTIONS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Set;
import java.util.concurrent.ForkJoinPool;

/** What holds for the code of every library of this project. */
public final class LibraryRules {
    /** What the module descriptors export to this project's modules only, or to none. */
    private static final String[] HIDDEN = {
        "dev.construir.block..",
        "dev.construir.ext..",
        "dev.construir.format..",
        "dev.construir.glob..",
        "dev.construir.guest..",
        "dev.construir.host..",
        "dev.construir.network..",
        "dev.construir.ownership..",
        "dev.construir.partition..",
        "dev.construir.procfs..",
        "dev.construir.qcow2..",
        "dev.construir.tar..",
        "dev.construir.text..",
        "dev.construir.thread..",
        "dev.construir.volume..",
        "dev.construir.xz.."
    };

    private static final Set<String> HANDLES = Set.of(
            "dev.construir.disk.read.DiskReader",
            "dev.construir.job.Job",
            "dev.construir.machine.Hypervisor",
            "dev.construir.machine.Machine",
            "dev.construir.machine.WarmMachine",
            "dev.construir.queue.Claim",
            "dev.construir.queue.JobQueue",
            "dev.construir.run.JobResult",
            "dev.construir.run.Run",
            "dev.construir.run.Runner");

    @ArchTest
    static final ArchRule NO_PACKAGE_CYCLES =
            slices().matching("dev.construir.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule NO_STANDARD_STREAMS = noClasses().should(ACCESS_STANDARD_STREAMS);

    @ArchTest
    static final ArchRule NO_GENERIC_EXCEPTIONS = noClasses().should(THROW_GENERIC_EXCEPTIONS);

    @ArchTest
    static final ArchRule NOTHING_IS_RUN_BY_THE_COMMON_POOL =
            noClasses().should().callMethod(ForkJoinPool.class, "commonPool");

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

    // What somebody may print while he looks for a fault.
    @ArchTest
    static final ArchRule HANDLES_SAY_WHAT_THEY_ARE = classes()
            .that()
            .areNotInterfaces()
            .and()
            .areNotAssignableTo(Throwable.class)
            .and()
            .areNotAnonymousClasses()
            .and()
            .implement(DescribedPredicate.describe("an interface that users get", LibraryRules::isHandle))
            .should(ArchCondition.from(
                    DescribedPredicate.describe("have a toString of their own", LibraryRules::saysWhatItIs)));

    private static boolean isHandle(JavaClass type) {
        return HANDLES.contains(type.getName());
    }

    private static boolean saysWhatItIs(JavaClass type) {
        boolean own = type.tryGetMethod("toString").isPresent();
        return !type.isEquivalentTo(Object.class)
                && (own
                        || type.getRawSuperclass()
                                .filter(LibraryRules::saysWhatItIs)
                                .isPresent());
    }

    private LibraryRules() {}

    /**
     * Returns the rule that whatever users hold says what it is when it is printed; the types of functions and
     * constants, and those without objects, say nothing.
     *
     * @param exported the packages users see
     * @return the rule
     */
    public static ArchRule printed(String... exported) {
        return classes()
                .that(resideInAnyPackage(exported)
                        .and(modifier(PUBLIC))
                        .and(DescribedPredicate.describe("that have objects", LibraryRules::hasObjects)))
                .should(ArchCondition.from(
                        DescribedPredicate.describe("have a toString of their own", LibraryRules::saysWhatItIs)));
    }

    private static boolean hasObjects(JavaClass type) {
        return !type.isInterface()
                && !type.isEnum()
                && !type.isAssignableTo(Throwable.class)
                && type.getMethods().stream()
                        .anyMatch(method -> method.getModifiers().contains(PUBLIC)
                                && !method.getModifiers().contains(STATIC));
    }

    /**
     * Returns the rule that what users see speaks of nothing but the JDK and construir's exported packages.
     *
     * @param exported the packages users see
     * @return the rule
     */
    public static ArchRule signaturesOf(String... exported) {
        return methods()
                .that()
                .areDeclaredInClassesThat(resideInAnyPackage(exported).and(modifier(PUBLIC)))
                .and()
                .arePublic()
                .should()
                .haveRawReturnType(javaOrExported())
                .andShould()
                .haveRawParameterTypes(DescribedPredicate.allElements(javaOrExported()));
    }

    private static DescribedPredicate<JavaClass> javaOrExported() {
        return DescribedPredicate.describe("types of the JDK or of packages that users see", type -> {
            JavaClass base = type.getBaseComponentType();
            return base.isPrimitive()
                    || base.getPackageName().startsWith("java.")
                    || (base.getPackageName().startsWith("dev.construir")
                            && !resideInAnyPackage(HIDDEN).test(base));
        });
    }
}
