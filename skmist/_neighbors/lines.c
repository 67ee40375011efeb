/* Neighborhoods in pairs of columns that were sorted before, however many pairs.

   The rows lie in the order of the first column. A few that follow each other ask together, one
   to a lane: they look at the rows on either side, nearest first, until no row farther on can be
   one of the k nearest. About sqrt(k n) rows are looked at each time. Where there are many more,
   as where a column repeats one value, the pair is given up: a tree answers it.

   Differences are compared as they are, so the answer is that of comparing all pairs of rows. */

#define REAL double
#define MASK int64_t
#define COUNT int64_t
#define LANES 8
#include "lanes.h"

/* Rows looked at before asking whether that is enough. */
#define STEP 4
#define MOST_NEIGHBORS 64
/* Looks, in units of what rows of the plane need, after which a pair is given up. */
#define PATIENCE 4.0

/* One column. */
typedef struct {
    const double *sorted;  /* ascending */
    const int32_t *order;  /* row of each place; only of the first column of a pair */
    const double *values;  /* of each row; only of the second column */
} Line;

/* Rows in the order of the first column, with STEP at infinity before and after. */
typedef struct {
    int64_t n, k;
    const double *x, *y;
} Plane;

INLINE void distances_to(const double *px, const double *py, double x, double y,
                         double *distance) {
    for (int i = 0; i < LANES; i++)
        distance[i] = larger(fabs(px[i] - x), fabs(py[i] - y));
}

INLINE void look(const Plane *plane, const double *px, const double *py, int64_t place, int64_t k,
                 double *nearest) {
    double distance[LANES];
    distances_to(px, py, plane->x[place], plane->y[place], distance);
    /* a wrong guess of the processor would cost more than inserting into so few */
    if (k <= 4 || any_nearer(distance, nearest + (k - 1) * LANES))
        lanes_insert(nearest, k, distance);
}

/* Whether the row at a place may be nearer to some lane than what it has, by x alone. */
INLINE int is_open(const Plane *plane, const double *px, int64_t place, const double *last) {
    double aside[LANES];
    for (int i = 0; i < LANES; i++) aside[i] = fabs(px[i] - plane->x[place]);
    return any_nearer(aside, last);
}

/* The k smallest distances of the rows from place `first` on; returns how many were looked at. */
INLINE int64_t find_nearest(const Plane *plane, int64_t first, const double *px, const double *py,
                            int64_t k, double *nearest) {
    int64_t end = first + LANES < plane->n ? first + LANES : plane->n;
    int64_t low = first - 1, high = end, looked = 0;
    double *last = nearest + (k - 1) * LANES, distance[LANES];
    for (int i = 0; i < k * LANES; i++) nearest[i] = INFINITY;
    for (int64_t place = first; place < end; place++) {
        distances_to(px, py, plane->x[place], plane->y[place], distance);
        distance[place - first] = INFINITY;
        lanes_insert(nearest, k, distance);
    }
    for (int below = 1, above = 1; below | above; looked += STEP) {
        above = above && is_open(plane, px, high, last);
        if (above)
            for (int s = 0; s < STEP; s++) look(plane, px, py, high++, k, nearest);
        below = below && is_open(plane, px, low, last);
        if (below)
            for (int s = 0; s < STEP; s++) look(plane, px, py, low--, k, nearest);
        if (high > plane->n) high = plane->n;
        if (low < -1) low = -1;
    }
    return looked;
}

static int64_t nearest_to(const Plane *plane, int64_t first, const double *px, const double *py,
                          double *nearest) {
    switch (plane->k) {
    case 3: { enum { k = 3 }; return find_nearest(plane, first, px, py, k, nearest); }
    default: { const int64_t k = plane->k;
               return find_nearest(plane, first, px, py, k, nearest); }
    }
}

/* Rows that coincide with the one at a place. */
static int32_t copies_of(const Plane *plane, int64_t place) {
    double x = plane->x[place], y = plane->y[place];
    int32_t count = 0;
    int64_t first = place;
    while (plane->x[first - 1] == x) first--;
    for (int64_t i = first; plane->x[i] == x; i++) count += plane->y[i] == y;
    return count;
}

typedef struct {
    int32_t *inside, *count_x, *count_y; /* (n,) of each row */
} Counts;

/* Radius of the open ball of the row at a place, and the rows inside. */
static int32_t ball(const Plane *plane, int64_t place, double shrink, const double *nearest,
                    double *radius) {
    const double smallest = 4.9406564584124654e-324;
    double last = nearest[(plane->k - 1) * LANES];
    int32_t inside = 1;
    *radius = larger(last * shrink, smallest);
    if (last == 0.0) return copies_of(plane, place);
    for (int64_t t = 0; t < plane->k; t++) inside += nearest[t * LANES] < *radius;
    return inside;
}

/* 1 where too many rows had to be looked at. */
static int answer(const Plane *plane, const Line *x, const Line *y, double shrink,
                  const Counts *out) {
    int32_t inside[LANES];
    int64_t count_x[LANES], count_y[LANES];
    double px[LANES], py[LANES], radius[LANES], nearest[MOST_NEIGHBORS * LANES];
    double most = (sqrt((double)(plane->k * plane->n)) + 4 * LANES) * PATIENCE, looked = 0.0;
    for (int64_t first = 0; first < plane->n; first += LANES) {
        int64_t size = plane->n - first < LANES ? plane->n - first : LANES;
        for (int i = 0; i < LANES; i++) {
            px[i] = plane->x[first + (i < size ? i : 0)];
            py[i] = plane->y[first + (i < size ? i : 0)];
        }
        looked += (double)nearest_to(plane, first, px, py, nearest);
        if (looked > most * (double)(plane->n / LANES + 1)) return 1;
        for (int i = 0; i < LANES; i++)
            inside[i] = ball(plane, first + (i < size ? i : 0), shrink, nearest + i, radius + i);
        lanes_on_line(x->sorted, plane->n, px, radius, count_x);
        lanes_on_line(y->sorted, plane->n, py, radius, count_y);
        for (int i = 0; i < size; i++) {
            int32_t row = x->order[first + i];
            out->inside[row] = inside[i];
            out->count_x[row] = (int32_t)count_x[i], out->count_y[row] = (int32_t)count_y[i];
        }
    }
    return 0;
}

/* Rows inside the ball of each row, and within its radius in each of the columns, of m pairs of
   lines: (m, n). `found` says which were not given up. -1 where memory is short. */
API int line_pairs(const Line *lines, const int64_t *pairs, int64_t begin, int64_t end, int64_t n,
                   int64_t k, double shrink, int32_t *inside, int32_t *count_x, int32_t *count_y,
                   uint8_t *found) {
    double *room = malloc(2 * (n + 2 * STEP) * sizeof(double));
    if (!room) return -1;
    double *x = room + STEP, *y = x + n + 2 * STEP;
    for (int s = 1; s <= STEP; s++) {
        x[-s] = x[n + s - 1] = INFINITY;
        y[-s] = y[n + s - 1] = INFINITY;
    }
    for (int64_t pair = begin; pair < end; pair++) {
        const Line *a = lines + pairs[2 * pair], *b = lines + pairs[2 * pair + 1];
        const Counts out = {inside + pair * n, count_x + pair * n, count_y + pair * n};
        const Plane plane = {n, k, x, y};
        memcpy(x, a->sorted, n * sizeof(double));
        for (int64_t i = 0; i < n; i++) y[i] = b->values[a->order[i]];
        found[pair] = !answer(&plane, a, b, shrink, &out);
    }
    free(room);
    return 0;
}
