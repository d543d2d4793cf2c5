/* Whether this processor has the instructions that the compiler was allowed to use. */
#include "native.h"

int supported(void) {
    __builtin_cpu_init();
    int common = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
#if defined(__AVX512VNNI__)
    return common && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vnni");
#elif defined(__AVXVNNI__)
    return common && __builtin_cpu_supports("avxvnni");
#else
    return common;
#endif
}
