/* Neighborhoods as the statistics of the net read them: single precision, several k at once, sample
   after sample, in two sides whose columns are cut to the leading ones.

   A k-d tree a side and one of both, balanced, of full leaves: the rows of a leaf ask together,
   one to a lane, and a node is a range of leaves. Distances are rounded differences of floats,
   compared as they are, so the answer is that of comparing all pairs. */

#define REAL float
#define MASK int32_t
#define COUNT int32_t
/* Rows per leaf. */
#define LANES 16
#include "lanes.h"

/* A value and its row as one integer that sorts by both. */
INLINE uint64_t key_of(float value, int64_t row) {
    uint32_t bits;
    value += 0.0f; /* -0 sorts as 0 */
    memcpy(&bits, &value, sizeof bits);
    bits ^= bits >> 31 ? 0xffffffffu : 0x80000000u;
    return (uint64_t)bits << 32 | (uint32_t)row;
}

typedef uint64_t Item;
#define KEY uint64_t
#define KEY_OF(item) (item)
#define ROW_OF(item) ((int64_t)(uint32_t)(item))
#define ITEM(value, row) key_of(value, row)
#include "growing.h"

/* So few leaves are looked through without a look at the box of each. */
#define SCANNED 2
/* Neighbor numbers asked about at once, and neighbors kept. */
#define MOST_KS 4
#define MOST_KEPT 16
/* Columns of both sides. */
#define MOST_COLUMNS 64
/* The smallest positive float: nearer than it are the rows that coincide. */
#define TINY 1.4e-45f

typedef struct {
    int d;
    int64_t n, n_leaves;
    int32_t *order; /* row of each place */
    float *boxes;   /* lower, then upper corner of each node, in preorder */
    float *leaves;  /* LANES x d numbers, column after column, infinite where there is no row */
} Tree;

/* Building ---------------------------------------------------------------------------------- */

static void grow(Tree *tree, const Table *rows, Item *items, Item *spare, Span node, int64_t n) {
    int side = widest(rows, items, n, tree->d, tree->boxes + node.number * 2 * tree->d);
    if (node.count == 1) {
        int32_t *order = tree->order + node.first * LANES;
        for (int64_t i = 0; i < n; i++) order[i] = (int32_t)ROW_OF(items[i]);
        fill(rows, items, n, tree->d, tree->leaves + node.first * LANES * tree->d);
        return;
    }
    int64_t m = left_of(node).count * LANES;
    if (side >= 0) halve_at(rows, side, items, spare, n, m);
    grow(tree, rows, items, spare, left_of(node), m);
    grow(tree, rows, items + m, spare, right_of(node), n - m);
}

static void cut_down(Tree *tree) {
    free(tree->order), free(tree->boxes), free(tree->leaves);
    *tree = (Tree){0};
}

/* The tree of n rows in d columns, given column after column. -1 where memory is short. */
static int plant(Tree *tree, const float *columns, int64_t n, int d) {
    int64_t leaves = leaves_of(n);
    Item *items = malloc(2 * n * sizeof *items);
    const Table rows = {columns, 1, n};
    *tree = (Tree){d, n, leaves, malloc(leaves * LANES * sizeof(int32_t)),
                   malloc(2 * leaves * 2 * d * sizeof(float)),
                   malloc(leaves * LANES * d * sizeof(float))};
    if (!items || !tree->order || !tree->boxes || !tree->leaves)
        return free(items), cut_down(tree), -1;
    for (int64_t i = 0; i < n; i++) items[i] = (Item)i;
    grow(tree, &rows, items, items + n, (Span){0, 0, leaves}, n);
    free(items);
    return 0;
}

/* Asking ------------------------------------------------------------------------------------ */

/* First column of the row at a place; the others follow LANES apart. */
INLINE const float *place_of(const Tree *tree, int64_t place, int d) {
    return tree->leaves + place / LANES * LANES * d + place % LANES;
}

INLINE float between(const float *a, const float *b, int d) {
    float distance = 0.0f;
    for (int j = 0; j < d; j++)
        distance = larger(distance, larger(a[j] - b[d + j], b[j] - a[d + j]));
    return distance;
}

/* The box of all lanes that hold a row. */
INLINE void box_of(const float *p, int d, float *box) {
    for (int j = 0; j < d; j++) {
        box[j] = box[d + j] = p[j * LANES];
        for (int i = 1; i < LANES && p[j * LANES + i] < INFINITY; i++) {
            box[j] = smaller(box[j], p[j * LANES + i]);
            box[d + j] = larger(box[d + j], p[j * LANES + i]);
        }
    }
}

/* The `kept` smallest distances of each lane, ascending. */
INLINE void find_nearest(const Tree *tree, const float *p, int d, int kept, float *nearest) {
    float near[LANES], far[LANES], box[2 * MOST_COLUMNS], *last = nearest + (kept - 1) * LANES;
    Span waiting[DEPTH];
    int top = 0;
    for (int i = 0; i < kept * LANES; i++) nearest[i] = INFINITY;
    box_of(p, d, box);
    waiting[top++] = (Span){0, 0, tree->n_leaves};
    while (top) {
        Span node = waiting[--top];
        lanes_to_box(p, tree->boxes + node.number * 2 * d, d, near, far);
        if (!any_nearer(near, last)) continue;
        if (node.count <= SCANNED) {
            for (int64_t row = 0; row < node.count * LANES; row++) {
                lanes_to_point(p, place_of(tree, node.first * LANES + row, d), LANES, d, near);
                if (any_nearer(near, last)) lanes_insert(nearest, kept, near);
            }
            continue;
        }
        Span left = left_of(node), right = right_of(node);
        int swap = between(tree->boxes + left.number * 2 * d, box, d)
            > between(tree->boxes + right.number * 2 * d, box, d);
        waiting[top++] = swap ? left : right;
        waiting[top++] = swap ? right : left;
    }
}

/* Add how many rows are nearer to each lane than each of its bounds (n_ks x LANES). */
INLINE void find_counts(const Tree *tree, const float *p, int d, int n_ks, const float *bounds,
                        int32_t *counts) {
    float near[LANES], far[LANES];
    Span waiting[DEPTH];
    int top = 0;
    waiting[top++] = (Span){0, 0, tree->n_leaves};
    while (top) {
        Span node = waiting[--top];
        int32_t open = 0;
        lanes_to_box(p, tree->boxes + node.number * 2 * d, d, near, far);
        for (int t = 0; t < n_ks; t++)
            for (int i = 0; i < LANES; i++)
                open |= (near[i] < bounds[t * LANES + i]) & (far[i] >= bounds[t * LANES + i]);
        if (!open) {
            int64_t end = (node.first + node.count) * LANES;
            int32_t size = (int32_t)((end < tree->n ? end : tree->n) - node.first * LANES);
            for (int t = 0; t < n_ks; t++)
                for (int i = 0; i < LANES; i++)
                    counts[t * LANES + i] += far[i] < bounds[t * LANES + i] ? size : 0;
        } else if (node.count <= SCANNED) {
            for (int64_t row = 0; row < node.count * LANES; row++) {
                lanes_to_point(p, place_of(tree, node.first * LANES + row, d), LANES, d, near);
                for (int t = 0; t < n_ks; t++)
                    for (int i = 0; i < LANES; i++)
                        counts[t * LANES + i] += near[i] < bounds[t * LANES + i];
            }
        } else {
            waiting[top++] = right_of(node);
            waiting[top++] = left_of(node);
        }
    }
}

/* The same on a line, among ascending values. */
static void line_counts(const float *values, int64_t n, const float *p, int n_ks,
                        const float *bounds, int32_t *counts) {
    for (int t = 0; t < n_ks; t++) {
        int32_t inside[LANES];
        lanes_on_line(values, (int32_t)n, p, bounds + t * LANES, inside);
        for (int i = 0; i < LANES; i++) counts[t * LANES + i] += inside[i];
    }
}

/* Loops over the dimension unroll where the compiler knows it. */
#define BY_WIDTH(width, call) \
    switch (width) { \
    case 1: { enum { d = 1 }; call; break; } \
    case 2: { enum { d = 2 }; call; break; } \
    case 3: { enum { d = 3 }; call; break; } \
    case 4: { enum { d = 4 }; call; break; } \
    case 6: { enum { d = 6 }; call; break; } \
    default: { const int d = (width); call; } \
    }

static void nearest_to(const Tree *tree, const float *p, int kept, float *nearest) {
    BY_WIDTH(tree->d, find_nearest(tree, p, d, kept, nearest))
}

static void count_near(const Tree *tree, const float *p, int n_ks, const float *bounds,
                       int32_t *counts) {
    BY_WIDTH(tree->d, find_counts(tree, p, d, n_ks, bounds, counts))
}

/* One sample ---------------------------------------------------------------------------------- */

/* What is asked of every sample. */
typedef struct {
    int64_t n, m;             /* rows, and rows asked about */
    int64_t width_x, width_y; /* columns as given */
    int64_t d_x, d_y;         /* those that count */
    int64_t ks[MOST_KS], n_ks;
    int64_t kept;             /* neighbors: one more than the greatest k */
    float far;                /* no distance is beyond */
} Question;

static int64_t rows_of_leaf(const Tree *tree, int64_t leaf) {
    int64_t left = tree->n - leaf * LANES;
    return left < LANES ? left : LANES;
}

/* Turn the nearest distances of a lane into radii and rows inside. */
static void put_balls(const Question *ask, const float *nearest, int32_t copies, float *radius,
                      int64_t *inside, uint8_t *is_self) {
    *is_self = nearest[0] == 0.0f;
    for (int t = 0; t < ask->n_ks; t++) {
        int64_t at = ask->ks[t] - 1 + *is_self, nearer = 0;
        if (at > ask->kept - 1) at = ask->kept - 1;
        radius[t] = smaller(nearest[at * LANES], ask->far);
        for (int s = 0; s < ask->kept; s++) nearer += nearest[s * LANES] < radius[t];
        if (radius[t] == 0.0f) nearer = copies;
        nearer -= *is_self;
        inside[t] = (nearer > 0 ? nearer : 0) + 1;
    }
}

/* The balls of the rows of `asking`, which may be the tree itself. */
static void balls(const Question *ask, const Tree *tree, const Tree *asking, float *radius,
                  int64_t *inside, uint8_t *is_self) {
    int second = ask->kept > 1 ? LANES : 0;
    for (int64_t leaf = 0; leaf < asking->n_leaves; leaf++) {
        const float *p = asking->leaves + leaf * LANES * tree->d;
        const int32_t *rows = asking->order + leaf * LANES;
        float nearest[MOST_KEPT * LANES], tiny[LANES];
        int32_t copies[LANES] = {0}, ties = 0;
        int64_t size = rows_of_leaf(asking, leaf);
        nearest_to(tree, p, (int)ask->kept, nearest);
        for (int i = 0; i < LANES; i++) {
            int tied = i < size && nearest[second + i] == 0.0f;
            tiny[i] = tied ? TINY : -1.0f;
            ties |= tied;
        }
        if (ties) count_near(tree, p, 1, tiny, copies);
        for (int i = 0; i < size; i++) {
            int64_t at = rows[i] * (int64_t)ask->n_ks;
            put_balls(ask, nearest + i, copies[i], radius + at, inside + at, is_self + rows[i]);
        }
    }
}

/* One side: its tree or, in one column, its ascending values. */
typedef struct {
    int d;
    Tree tree;
    float *values;
} Side;

/* How many rows of a side are nearer than the radii. Rows ask in the order of the leaves of
   `asking`; their coordinates are in `columns`. */
static void side_counts(const Question *ask, const Side *side, const Tree *asking,
                        const float *columns, const float *radius, const uint8_t *is_self,
                        int64_t *counts) {
    float bounds[MOST_KS * LANES], p[LANES * MOST_COLUMNS];
    for (int64_t leaf = 0; leaf < asking->n_leaves; leaf++) {
        const int32_t *rows = asking->order + leaf * LANES;
        int32_t found[MOST_KS * LANES] = {0};
        int64_t size = rows_of_leaf(asking, leaf);
        for (int i = 0; i < LANES; i++) {
            int64_t row = rows[i < size ? i : 0];
            for (int j = 0; j < side->d; j++) p[j * LANES + i] = columns[j * ask->m + row];
            for (int t = 0; t < ask->n_ks; t++) {
                float bound = radius[row * ask->n_ks + t];
                bounds[t * LANES + i] = bound == 0.0f ? TINY : bound;
            }
        }
        if (side->values) line_counts(side->values, ask->n, p, (int)ask->n_ks, bounds, found);
        else count_near(&side->tree, p, (int)ask->n_ks, bounds, found);
        for (int i = 0; i < size; i++)
            for (int t = 0; t < ask->n_ks; t++) {
                int64_t count = found[t * LANES + i] - is_self[rows[i]];
                counts[rows[i] * (int64_t)ask->n_ks + t] = count > 0 ? count : 0;
            }
    }
}

/* Ascending values, by the bytes of integers that sort as they do. */
static int sort_line(const float *column, int64_t n, float *values) {
    uint32_t *keys = malloc(2 * n * sizeof *keys), *from = keys, *to = keys + n;
    if (!keys) return -1;
    for (int64_t i = 0; i < n; i++) keys[i] = (uint32_t)(key_of(column[i], 0) >> 32);
    for (int shift = 0; shift < 32; shift += 8) {
        int64_t place[257] = {0};
        for (int64_t i = 0; i < n; i++) place[(from[i] >> shift & 255) + 1]++;
        for (int b = 0; b < 256; b++) place[b + 1] += place[b];
        for (int64_t i = 0; i < n; i++) to[place[from[i] >> shift & 255]++] = from[i];
        uint32_t *swap = from;
        from = to, to = swap;
    }
    for (int64_t i = 0; i < n; i++) {
        uint32_t bits = from[i] ^ (from[i] >> 31 ? 0x80000000u : 0xffffffffu);
        memcpy(values + i, &bits, sizeof bits);
    }
    free(keys);
    return 0;
}

static int stand(Side *side, const float *columns, int64_t n, int d) {
    *side = (Side){d, {0}, NULL};
    if (d > 1) return plant(&side->tree, columns, n, d);
    side->values = malloc(n * sizeof(float));
    return side->values ? sort_line(columns, n, side->values) : -1;
}

static void to_columns(const float *rows, int64_t n, int64_t width, int64_t d, float *columns) {
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < d; j++) columns[j * n + i] = rows[i * width + j];
}

/* The leading columns of both sides, those of x first. */
static float *both_sides(const float *x, const float *y, int64_t n, const Question *ask) {
    float *columns = malloc(n * (ask->d_x + ask->d_y) * sizeof(float));
    if (!columns) return NULL;
    to_columns(x, n, ask->width_x, ask->d_x, columns);
    to_columns(y, n, ask->width_y, ask->d_y, columns + n * ask->d_x);
    return columns;
}

typedef struct {
    float *radius;
    int64_t *count_x, *count_y, *inside;
} Answer;

static int answer(const Question *ask, const float *known, const float *asked, Answer out) {
    Tree tree = {0}, own = {0};
    Side sides[2] = {0};
    const int d_x = (int)ask->d_x, d = d_x + (int)ask->d_y;
    int foreign = asked != known;
    uint8_t *is_self = malloc(ask->m);
    int failed = !is_self || plant(&tree, known, ask->n, d)
        || stand(sides, known, ask->n, d_x)
        || stand(sides + 1, known + ask->n * d_x, ask->n, d - d_x)
        || (foreign && plant(&own, asked, ask->m, d));
    if (!failed) {
        const Tree *asking = foreign ? &own : &tree;
        balls(ask, &tree, asking, out.radius, out.inside, is_self);
        for (int i = 0; i < 2; i++)
            side_counts(ask, sides + i, foreign || sides[i].values ? asking : &sides[i].tree,
                        asked + (i ? ask->m * d_x : 0), out.radius, is_self,
                        i ? out.count_y : out.count_x);
    }
    cut_down(&tree), cut_down(&own), free(is_self);
    for (int i = 0; i < 2; i++) cut_down(&sides[i].tree), free(sides[i].values);
    return failed ? -1 : 0;
}

/* Samples begin to end - 1 of a batch: x (batch, n, width_x) and y, and the rows asked about,
   qx (batch, m, width_x) and qy, or NULL for the rows themselves. -1 where memory is short. */
API int batched_neighborhoods(const float *x, const float *y, const float *qx, const float *qy,
                           int64_t begin, int64_t end, const Question *ask, float *radius,
                           int64_t *count_x, int64_t *count_y, int64_t *inside) {
    for (int64_t b = begin; b < end; b++) {
        int64_t out = b * ask->m * ask->n_ks;
        float *known = both_sides(x + b * ask->n * ask->width_x, y + b * ask->n * ask->width_y,
                                  ask->n, ask);
        float *asked = !qx ? known
            : both_sides(qx + b * ask->m * ask->width_x, qy + b * ask->m * ask->width_y, ask->m,
                         ask);
        int failed = !known || !asked
            || answer(ask, known, asked,
                      (Answer){radius + out, count_x + out, count_y + out, inside + out});
        if (asked != known) free(asked);
        free(known);
        if (failed) return -1;
    }
    return 0;
}
