/* What the kernels do with several rows at once, one to a lane.

   Each source includes it once, after it has defined

   REAL   the type of a number, float or double,
   MASK   an integer of its size,
   COUNT  an integer that counts rows,
   LANES  rows that ask together.

   The loops over lanes have no branch on the data and no remainder: they are what the compiler
   turns into vectors. */

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef _WIN32
#define API __declspec(dllexport)
#else
#define API __attribute__((visibility("default")))
#endif
#define INLINE static inline __attribute__((always_inline))

/* Nodes that wait while a balanced tree is searched: 2^60 rows would fill no deeper a stack. */
#define DEPTH 64

INLINE REAL larger(REAL a, REAL b) { return a > b ? a : b; }
INLINE REAL smaller(REAL a, REAL b) { return a < b ? a : b; }
INLINE REAL size_of(REAL a) { return sizeof(REAL) == sizeof(float) ? fabsf(a) : fabs(a); }

/* Whether some lane has a distance below its limit. */
INLINE int any_nearer(const REAL *distance, const REAL *limit) {
    MASK any = 0;
    for (int i = 0; i < LANES; i++) any |= distance[i] < limit[i] ? -1 : 0;
    return any != 0;
}

/* Insert a distance a lane into its `kept` smallest ones, ascending; what falls out is left. */
INLINE void lanes_insert(REAL *nearest, int64_t kept, REAL *distance) {
    for (int64_t t = 0; t < kept; t++)
        for (int i = 0; i < LANES; i++) {
            REAL low = smaller(nearest[t * LANES + i], distance[i]);
            distance[i] = larger(nearest[t * LANES + i], distance[i]);
            nearest[t * LANES + i] = low;
        }
}

/* Distances of the lanes, d x LANES, from a point whose columns are `stride` apart. */
INLINE void lanes_to_point(const REAL *p, const REAL *point, int stride, int d, REAL *distance) {
    for (int i = 0; i < LANES; i++) distance[i] = size_of(p[i] - point[0]);
    for (int j = 1; j < d; j++)
        for (int i = 0; i < LANES; i++)
            distance[i] = larger(distance[i], size_of(p[j * LANES + i] - point[j * stride]));
}

/* How far the lanes are from a box, lower and then upper corner, and from its far side. */
INLINE void lanes_to_box(const REAL *p, const REAL *box, int d, REAL *near, REAL *far) {
    for (int i = 0; i < LANES; i++) near[i] = far[i] = 0;
    for (int j = 0; j < d; j++)
        for (int i = 0; i < LANES; i++) {
            REAL below = box[j] - p[j * LANES + i], above = p[j * LANES + i] - box[d + j];
            near[i] = larger(near[i], larger(below, above));
            far[i] = larger(far[i], larger(-below, -above));
        }
}

/* How many of ascending values are nearer to each lane than its radius: both ends of that part of
   the line, for all lanes at once, as each step waits for the one before. The differences
   themselves are compared, as sums with the radius would be rounded. */
INLINE void lanes_on_line(const REAL *values, COUNT size, const REAL *p, const REAL *radius,
                          COUNT *inside) {
    COUNT low[LANES] = {0}, high[LANES] = {0};
    for (; size > 1; size -= size / 2) {
        COUNT half = size / 2;
        const REAL *last = values + half - 1;
        for (int i = 0; i < LANES; i++) {
            low[i] += -(COUNT)(p[i] - last[low[i]] >= radius[i]) & half;
            high[i] += -(COUNT)(last[high[i]] - p[i] < radius[i]) & half;
        }
    }
    for (int i = 0; i < LANES; i++)
        inside[i] = size == 0 ? 0
            : high[i] - low[i] + (values[high[i]] - p[i] < radius[i])
                - (p[i] - values[low[i]] >= radius[i]);
}
