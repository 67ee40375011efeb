/* Chebyshev neighborhoods: open balls that reach to the k-th neighbor, and counts within a radius.

   Rows lie in cells (the categories they share, or the samples of a batch), each with a k-d tree
   of its own. Distances are computed as max |p - r| in double precision and compared as they are,
   so the answer is that of comparing all pairs, whatever the shape of the trees: the rounding of
   a difference is monotone, and so the bounds of a box bound the rounded distances within it.

   Rows that coincide end a branch whatever their number, and are asked and counted as one. */

#if defined(__x86_64__)
#include <cpuid.h>
#endif
#define REAL double
#define MASK int64_t
#define COUNT int64_t
/* The rows of a leaf ask together: one visit of a node serves all. */
#define LANES 32
#include "lanes.h"

typedef struct {
    double key;
    int64_t row;
} Item;
#define KEY double
#define KEY_OF(item) ((item).key)
#define ROW_OF(item) ((item).row)
#define ITEM(value, row) ((Item){value, row})
#include "growing.h"

/* Rows per leaf, at most as many as a uint32_t has bits. The blocks are padded to this size, so
   that loops over them have no remainder. Measured from 8 to 32 in 2 to 10 columns. */
#define LEAF LANES
/* So many distances are compared before one is looked at by itself. */
#define PART 8

typedef struct {
    int64_t start, end;  /* places of its rows in `order` */
    int64_t right;       /* the left child is the next node; 0: a leaf; -1: rows that coincide */
    int64_t block;       /* of a leaf, or of its first one */
    int64_t side;        /* the widest column, in which its children are apart: */
    double below, above; /* greatest value of the left one, smallest of the right one */
    double width;        /* of that column */
} Node;

/* Each node owns its numbers, so that threads can grow the tree at several places. Those that
   coinciding rows leave unused are empty leaves. */
typedef struct {
    int64_t n_cells, n_rows, n_waiting;
    int d;
    int64_t *order;   /* row of each place */
    int64_t *roots;   /* n_cells + 1 nodes */
    int64_t *waiting; /* nodes that are still to be grown, each of at least one leaf */
    Node *nodes;
    double *boxes;  /* lower, then upper corner of each node */
    double *blocks; /* LEAF x d numbers, column after column, infinite where a leaf is not full */
    Item *items;    /* 2 n_rows, while it grows */
} Tree;

/* Whether the build for x86-64-v3 (processors with AVX2, since 2013) will run here. Asked of the
   processor itself, as the compiler's own function for it always says no in zig. */
API int has_avx2(void) {
#if defined(__x86_64__)
    unsigned a, b, c, d, saved;
    const unsigned fma = 1u << 12, movbe = 1u << 22, osxsave = 1u << 27, f16c = 1u << 29;
    const unsigned bmi1 = 1u << 3, avx2 = 1u << 5, bmi2 = 1u << 8, lzcnt = 1u << 5;
    unsigned first = fma | movbe | osxsave | f16c, seventh = bmi1 | avx2 | bmi2;
    if (!__get_cpuid(1, &a, &b, &c, &d) || (c & first) != first) return 0;
    /* the system must keep the wide registers, too */
    __asm__ volatile("xgetbv" : "=a"(saved), "=d"(d) : "c"(0));
    if ((saved & 6) != 6) return 0;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || (b & seventh) != seventh) return 0;
    return __get_cpuid(0x80000001, &a, &b, &c, &d) && (c & lzcnt);
#else
    return 0;
#endif
}

/* Building ---------------------------------------------------------------------------------- */

/* Cut a node into two, or make a leaf of it: return whether it was cut. */
static int cut(Tree *tree, const double *values, int64_t number) {
    Node *node = tree->nodes + number;
    int64_t n = node->end - node->start;
    const Span span = {number, node->block, leaves_of(n)};
    const Span left = left_of(span), right = right_of(span);
    const Table rows = {values, tree->d, 1};
    Item *items = tree->items + node->start;
    double *box = tree->boxes + number * 2 * tree->d;
    int side = widest(&rows, items, n, tree->d, box);
    if (side < 0 || span.count == 1) {
        for (int64_t i = 0; i < n; i++) tree->order[node->start + i] = items[i].row;
        node->right = side < 0 ? -1 : 0;
        if (side >= 0) fill(&rows, items, n, tree->d, tree->blocks + span.first * LEAF * tree->d);
        return 0;
    }
    int64_t m = left.count * LEAF;
    halve_at(&rows, side, items, items + tree->n_rows, n, m);
    double below = items[0].key, above = items[m].key;
    for (int64_t i = 0; i < m; i++) below = larger(below, items[i].key);
    for (int64_t i = m; i < n; i++) above = smaller(above, items[i].key);
    node->side = side, node->below = below, node->above = above;
    node->width = box[tree->d + side] - box[side];
    node->right = right.number;
    int64_t middle = node->start + m;
    tree->nodes[left.number] = (Node){.start = node->start, .end = middle, .block = left.first};
    tree->nodes[right.number] = (Node){.start = middle, .end = node->end, .block = right.first};
    return 1;
}

static void grow(Tree *tree, const double *rows, int64_t number) {
    if (!cut(tree, rows, number)) return;
    grow(tree, rows, number + 1);
    grow(tree, rows, tree->nodes[number].right);
}

/* Cut a node until each part has at most so many rows, and let these wait. */
static void share(Tree *tree, const double *rows, int64_t number, int64_t most) {
    if (tree->nodes[number].end - tree->nodes[number].start <= most) {
        tree->waiting[tree->n_waiting++] = number;
    } else if (cut(tree, rows, number)) {
        share(tree, rows, number + 1, most);
        share(tree, rows, tree->nodes[number].right, most);
    }
}

API void tree_free(Tree *tree) {
    if (!tree) return;
    free(tree->order), free(tree->roots), free(tree->waiting), free(tree->nodes);
    free(tree->boxes), free(tree->blocks), free(tree->items), free(tree);
}

static int tree_alloc(Tree *tree, int64_t n, int64_t leaves) {
    int d = tree->d;
    tree->order = malloc((n + 1) * sizeof(int64_t));
    tree->roots = malloc((tree->n_cells + 1) * sizeof(int64_t));
    tree->waiting = malloc((leaves + 1) * sizeof(int64_t));
    tree->nodes = calloc(2 * leaves + 1, sizeof(Node));
    tree->boxes = malloc((4 * leaves + 1) * d * sizeof(double));
    tree->blocks = malloc((leaves + 1) * LEAF * d * sizeof(double));
    tree->items = malloc((2 * n + 1) * sizeof(Item));
    return tree->order && tree->roots && tree->waiting && tree->nodes && tree->boxes
        && tree->blocks && tree->items;
}

static int64_t leaves_of_cell(const int64_t *starts, int64_t cell) {
    return leaves_of(starts[cell + 1] - starts[cell]);
}

/* Trees of rows (n, d), cell after cell: those of cell c are order[starts[c]] to
   order[starts[c + 1] - 1], without an order the rows as they lie. They wait to be grown, in about
   so many parts, by `tree_grow`. NULL where memory is short. */
API Tree *tree_plant(const double *rows, const int64_t *order, const int64_t *starts,
                     int64_t n_cells, int d, int parts) {
    int64_t n = starts[n_cells], leaves = 0;
    for (int64_t c = 0; c < n_cells; c++) leaves += leaves_of_cell(starts, c);
    Tree *tree = calloc(1, sizeof(Tree));
    if (!tree) return NULL;
    tree->d = d, tree->n_cells = n_cells, tree->n_rows = n;
    if (!tree_alloc(tree, n, leaves)) return tree_free(tree), NULL;
    for (int64_t i = 0; i < n; i++) tree->items[i].row = order ? order[i] : i;
    int64_t number = 0, block = 0;
    for (int64_t c = 0; c < n_cells; c++) {
        tree->roots[c] = number;
        if (starts[c] == starts[c + 1]) continue;
        tree->nodes[number] = (Node){.start = starts[c], .end = starts[c + 1], .block = block};
        share(tree, rows, number, parts > 1 ? n / parts + 1 : n);
        number += 2 * leaves_of_cell(starts, c) - 1, block += leaves_of_cell(starts, c);
    }
    tree->roots[n_cells] = number;
    return tree;
}

API int64_t tree_waiting(const Tree *tree) { return tree->n_waiting; }

API int64_t tree_nodes(const Tree *tree) { return tree->roots[tree->n_cells]; }

/* Grow the waiting nodes begin to end - 1. */
API int tree_grow(Tree *tree, int64_t begin, int64_t end, const double *rows) {
    for (int64_t i = begin; i < end; i++) grow(tree, rows, tree->waiting[i]);
    return 0;
}

/* Asking ------------------------------------------------------------------------------------ */

INLINE double nearest_in_box(const double *box, const double *p, int d) {
    double distance = 0.0;
    for (int j = 0; j < d; j++)
        distance = larger(distance, larger(box[j] - p[j], p[j] - box[d + j]));
    return distance;
}

INLINE double farthest_in_box(const double *box, const double *p, int d) {
    double distance = 0.0;
    for (int j = 0; j < d; j++)
        distance = larger(distance, larger(p[j] - box[j], box[d + j] - p[j]));
    return distance;
}

INLINE void distances_to(const double *block, const double *p, int d, double *distance) {
    for (int i = 0; i < LEAF; i++) distance[i] = 0.0;
    for (int j = 0; j < d; j++)
        for (int i = 0; i < LEAF; i++)
            distance[i] = larger(distance[i], fabs(block[j * LEAF + i] - p[j]));
}

/* Insert into the k + 1 smallest distances, ascending. */
INLINE void insert(double *nearest, int64_t k, double distance) {
    int64_t i = k;
    for (; i > 0 && nearest[i - 1] > distance; i--) nearest[i] = nearest[i - 1];
    nearest[i] = distance;
}

INLINE void scan(const Tree *tree, const Node *node, const double *p, int d, int64_t k,
                 double *nearest) {
    double distance[LEAF];
    int any = 0;
    distances_to(tree->blocks + node->block * LEAF * d, p, d, distance);
    for (int i = 0; i < LEAF; i++) any |= distance[i] < nearest[k];
    if (!any) return;
    for (int i = 0; i < LEAF; i++)
        if (distance[i] < nearest[k]) insert(nearest, k, distance[i]);
}

/* The k + 1 smallest distances from p to the rows of a tree that is not empty. */
INLINE void find_nearest(const Tree *tree, int64_t root, const double *p, int d, int64_t k,
                         double *nearest) {
    int64_t waiting[DEPTH], top = 0;
    double bound[DEPTH];
    for (int64_t i = 0; i <= k; i++) nearest[i] = INFINITY;
    waiting[top] = root, bound[top++] = nearest_in_box(tree->boxes + root * 2 * d, p, d);
    while (top) {
        int64_t number = waiting[--top];
        double here = bound[top];
        const Node *node = tree->nodes + number;
        while (here < nearest[k] && node->right > 0) {
            int64_t near = number + 1, far = node->right;
            double to_far = nearest_in_box(tree->boxes + far * 2 * d, p, d);
            here = nearest_in_box(tree->boxes + near * 2 * d, p, d);
            if (to_far < here) {
                int64_t other = near;
                double to_other = here;
                near = far, here = to_far, far = other, to_far = to_other;
            }
            if (to_far < nearest[k]) waiting[top] = far, bound[top++] = to_far;
            number = near, node = tree->nodes + number;
        }
        if (here >= nearest[k]) continue;
        if (node->right == 0) scan(tree, node, p, d, k, nearest);
        else
            for (int64_t i = node->start; i < node->end && here < nearest[k]; i++)
                insert(nearest, k, here);
    }
}

/* How many rows are nearer to p than radius. */
INLINE int64_t find_count(const Tree *tree, int64_t root, const double *p, int d, double radius) {
    int64_t waiting[DEPTH], top = 0, count = 0;
    waiting[top++] = root;
    while (top) {
        int64_t number = waiting[--top];
        const Node *node = tree->nodes + number;
        const double *box = tree->boxes + number * 2 * d;
        if (nearest_in_box(box, p, d) >= radius) continue;
        if (node->right < 0 || farthest_in_box(box, p, d) < radius) {
            count += node->end - node->start;
        } else if (node->right == 0) {
            double distance[LEAF];
            int64_t within = 0;
            distances_to(tree->blocks + node->block * LEAF * d, p, d, distance);
            for (int i = 0; i < LEAF; i++) within += distance[i] < radius;
            count += within;
        } else {
            waiting[top++] = node->right;
            waiting[top++] = number + 1;
        }
    }
    return count;
}

/* The rows of a leaf that ask together. Lanes without a row lie at infinity. */
typedef struct {
    const double *p;  /* d x LEAF */
    const double *box;
    int64_t size;
    double *nearest;  /* (k + 1) x LEAF, ascending, or */
    double *radius;   /* LEAF */
    int64_t *inside;  /* LEAF */
} Group;

/* A node to visit, and how far at least it is from each row of the group. */
typedef struct {
    int64_t number;
    double near[LEAF];
} Visit;

/* Which rows have a distance below their limit, as bits. */
INLINE uint32_t bits_nearer(const double *distance, const double *limit) {
    uint32_t bits = 0;
    for (int i = 0; i < LEAF; i++) bits |= (uint32_t)(distance[i] < limit[i]) << i;
    return bits;
}

INLINE void one_of_lanes(const double *p, int lane, int d, double *point) {
    for (int j = 0; j < d; j++) point[j] = p[j * LEAF + lane];
}

INLINE Visit first_visit(int64_t root, int64_t size) {
    Visit visit = {root, {0.0}};
    for (int64_t i = size; i < LEAF; i++) visit.near[i] = INFINITY;
    return visit;
}

/* Go down to the child that is nearer to the group, and let the other one wait. What is known of
   the distance to a node holds for its children; between these, one column tells more. */
INLINE void step_down(const Node *node, const Group *group, int d, Visit *here, Visit *other) {
    int64_t side = node->side, left = here->number + 1, right = node->right;
    const double *p = group->p + side * LEAF, *box = group->box;
    int is_left = box[side] - node->below <= node->above - box[d + side];
    double end = is_left ? node->below : node->above, other_end = is_left ? node->above : node->below;
    double sign = is_left ? 1.0 : -1.0;
    here->number = is_left ? left : right, other->number = is_left ? right : left;
    for (int i = 0; i < LEAF; i++) {
        double near = here->near[i];
        here->near[i] = larger(near, sign * (p[i] - end));
        other->near[i] = larger(near, sign * (other_end - p[i]));
    }
}

INLINE void lane_insert(double *nearest, int64_t k, double distance) {
    int64_t t = k;
    for (; t > 0 && nearest[(t - 1) * LEAF] > distance; t--)
        nearest[t * LEAF] = nearest[(t - 1) * LEAF];
    nearest[t * LEAF] = distance;
}

/* All rows of the group against the rows of a leaf one by one, or against those that coincide. */
INLINE void lanes_scan(const Tree *tree, int64_t number, const Group *group, int d, int64_t k) {
    const Node *node = tree->nodes + number;
    const double *block = tree->blocks + node->block * LEAF * d;
    int64_t size = node->end - node->start;
    double *last = group->nearest + k * LEAF, distance[LEAF], again[LEAF];
    if (node->right == 0) {
        for (int64_t i = 0; i < size; i++) {
            lanes_to_point(group->p, block + i, LEAF, d, distance);
            if (any_nearer(distance, last)) lanes_insert(group->nearest, k + 1, distance);
        }
        return;
    }
    lanes_to_point(group->p, tree->boxes + number * 2 * d, 1, d, distance);
    for (int64_t i = 0; i < size && any_nearer(distance, last); i++) {
        memcpy(again, distance, sizeof distance);
        lanes_insert(group->nearest, k + 1, again);
    }
}

/* One row of the group against all rows of a leaf: of a leaf far away few ask. */
INLINE void lane_scan(const double *block, const Group *group, int lane, int d, int64_t k,
                      double *point) {
    double distance[LEAF], *nearest = group->nearest + lane;
    one_of_lanes(group->p, lane, d, point);
    distances_to(block, point, d, distance);
    for (int part = 0; part < LEAF; part += PART) {
        int64_t any = 0;
        for (int i = part; i < part + PART; i++) any |= distance[i] < nearest[k * LEAF] ? -1 : 0;
        if (!any) continue;
        for (int i = part; i < part + PART; i++)
            if (distance[i] < nearest[k * LEAF]) lane_insert(nearest, k, distance[i]);
    }
}

/* That its box is too far from some who ask is seldom, and not worth a look. */
INLINE void lanes_visit(const Tree *tree, const Visit *here, const Group *group, int d, int64_t k,
                        double *point) {
    const Node *node = tree->nodes + here->number;
    const double *block = tree->blocks + node->block * LEAF * d;
    if (node->right < 0) {
        lanes_scan(tree, here->number, group, d, k);
        return;
    }
    uint32_t asking = bits_nearer(here->near, group->nearest + k * LEAF);
    for (int i = 0; asking; i++, asking >>= 1)
        if (asking & 1) lane_scan(block, group, i, d, k, point);
}

/* The k + 1 smallest distances of all rows of leaf `own`; `point` has room for one row. */
INLINE void lanes_nearest(const Tree *tree, int64_t root, int64_t own, const Group *group, int d,
                          int64_t k, double *point) {
    Visit waiting[DEPTH], here;
    int64_t top = 0;
    double *last = group->nearest + k * LEAF;
    for (int64_t i = 0; i < (k + 1) * LEAF; i++) group->nearest[i] = INFINITY;
    lanes_scan(tree, own, group, d, k);
    waiting[top++] = first_visit(root, group->size);
    while (top) {
        here = waiting[--top];
        while (any_nearer(here.near, last)) {
            const Node *node = tree->nodes + here.number;
            if (node->right > 0) {
                step_down(node, group, d, &here, waiting + top++);
                continue;
            }
            if (here.number != own) lanes_visit(tree, &here, group, d, k, point);
            break;
        }
    }
}

/* Count the rows of a node that lie inside for those to whom its box is on the edge: return 1,
   or 0 where its children must be asked. */
INLINE int lanes_add(const Tree *tree, int64_t number, const Group *group, int d, double *point) {
    const Node *node = tree->nodes + number;
    const double *block = tree->blocks + node->block * LEAF * d, *radius = group->radius;
    int64_t size = node->end - node->start, *inside = group->inside;
    double near[LEAF], far[LEAF];
    lanes_to_box(group->p, tree->boxes + number * 2 * d, d, near, far);
    uint32_t edge = bits_nearer(near, radius) & ~bits_nearer(far, radius);
    if (edge && node->right > 0) return 0;
    for (int i = 0; i < LEAF; i++) inside[i] += far[i] < radius[i] ? size : 0;
    for (int i = 0; edge; i++, edge >>= 1) {
        if (!(edge & 1)) continue;
        one_of_lanes(group->p, i, d, point);
        distances_to(block, point, d, near);
        int64_t within = 0;
        for (int row = 0; row < LEAF; row++) within += near[row] < radius[i];
        inside[i] += within;
    }
    return 1;
}

/* Add to `inside` how many rows are nearer to each row of a leaf than its radius. */
INLINE void lanes_count(const Tree *tree, int64_t root, const Group *group, int d,
                        double *point) {
    Visit waiting[DEPTH], here;
    int64_t top = 0;
    double widest = 0.0;
    for (int i = 0; i < LEAF; i++) widest = larger(widest, 2.0 * group->radius[i]);
    waiting[top++] = first_visit(root, group->size);
    while (top) {
        here = waiting[--top];
        while (any_nearer(here.near, group->radius)) {
            const Node *node = tree->nodes + here.number;
            /* what is wider than all balls lies in none */
            int is_wide = node->right > 0 && node->width > widest;
            if (!is_wide && lanes_add(tree, here.number, group, d, point)) break;
            step_down(node, group, d, &here, waiting + top++);
        }
    }
}

/* Loops over the dimension unroll where the compiler knows it. */
#define BY_WIDTH(call) \
    switch (tree->d) { \
    case 1: { enum { d = 1 }; call; break; } \
    case 2: { enum { d = 2 }; call; break; } \
    case 3: { enum { d = 3 }; call; break; } \
    case 4: { enum { d = 4 }; call; break; } \
    default: { const int d = tree->d; call; } \
    }

static void nearest_to(const Tree *tree, int64_t root, const double *p, int64_t k, double *out) {
    BY_WIDTH(find_nearest(tree, root, p, d, k, out))
}

static int64_t count_near(const Tree *tree, int64_t root, const double *p, double radius) {
    int64_t count = 0;
    BY_WIDTH(count = find_count(tree, root, p, d, radius))
    return count;
}

static void nearest_to_leaf(const Tree *tree, int64_t root, int64_t own, const Group *group,
                            int64_t k, double *point) {
    BY_WIDTH(lanes_nearest(tree, root, own, group, d, k, point))
}

static void count_near_leaf(const Tree *tree, int64_t root, const Group *group, double *point) {
    BY_WIDTH(lanes_count(tree, root, group, d, point))
}

typedef struct {
    double radius;
    int64_t inside;
    uint8_t is_copy, lonely;
} Ball;

/* The ball of a point from its k + 1 nearest distances, `stride` apart, itself among them if it
   is a row of the cell. `shrink` is what a distance is multiplied by to leave its ties outside. */
static Ball ball_of(const Tree *tree, int64_t cell, const double *p, int64_t k, double shrink,
                    const double *nearest, int stride) {
    const double smallest = 4.9406564584124654e-324;
    int64_t root = tree->roots[cell], size = 0;
    if (root < tree->roots[cell + 1]) size = tree->nodes[root].end - tree->nodes[root].start;
    Ball ball = {smallest, 1, size > 0 && nearest[0] == 0.0, 0};
    int64_t others = size - ball.is_copy;
    if (others < 1) return ball.lonely = 1, ball;
    const double *other = nearest + ball.is_copy * stride;
    int64_t last = (others < k ? others : k) - 1;
    if (other[last * stride] == 0.0)
        return ball.inside = count_near(tree, root, p, smallest), ball;
    ball.radius = larger(other[last * stride] * shrink, smallest);
    for (int64_t i = 0; i <= last; i++) ball.inside += other[i * stride] < ball.radius;
    return ball;
}

static Ball ball_at(const Tree *tree, int64_t cell, const double *p, int64_t k, double shrink,
                    double *nearest) {
    int64_t root = tree->roots[cell];
    if (root < tree->roots[cell + 1]) nearest_to(tree, root, p, k, nearest);
    return ball_of(tree, cell, p, k, shrink, nearest, 1);
}

typedef struct {
    double *radius;
    int64_t *inside;
    uint8_t *is_copy, *lonely;
} Balls;

static void put(const Balls *out, int64_t row, const Ball *ball) {
    out->radius[row] = ball->radius, out->inside[row] = ball->inside;
    out->is_copy[row] = ball->is_copy, out->lonely[row] = ball->lonely;
}

/* A column of the rows whose counts within the radius are wanted, too: its values in ascending
   order, cell after cell, those of cell c from starts[c]; and, for each cell of the tree, the cell
   of the column, NULL where it has one. */
typedef struct {
    const double *values;
    const int64_t *starts, *cells;
    int64_t column;
    int64_t *counts;
} Line;

static void put_on_line(const Line *line, int64_t n_known, int64_t cell, const double *block,
                        const double *radius, const int64_t *rows, int64_t n_rows) {
    int64_t inside[LEAF], start = 0, size = n_known;
    if (line->cells) {
        const int64_t *ends = line->starts + line->cells[cell];
        start = ends[0], size = ends[1] - ends[0];
    }
    lanes_on_line(line->values + start, size, block + line->column * LEAF, radius, inside);
    for (int64_t i = 0; i < n_rows; i++) line->counts[rows[i]] = inside[i];
}

typedef struct {
    const Tree *tree;
    int64_t cell, k;
    double shrink;
    double *nearest; /* (k + 1) x LEAF */
    double *point;   /* d, */
    double *lanes;   /* d x LEAF numbers of room */
    const Balls *out;
    const Line *lines;
    int64_t n_lines;
} Asked;

static void own_ball(const Asked *asked, int64_t number) {
    const Tree *tree = asked->tree;
    const Node *node = tree->nodes + number;
    const double *p = tree->boxes + number * 2 * tree->d;
    double radius[LEAF];
    Ball ball = ball_at(tree, asked->cell, p, asked->k, asked->shrink, asked->nearest);
    for (int64_t i = node->start; i < node->end; i++) put(asked->out, tree->order[i], &ball);
    for (int i = 0; i < LEAF; i++) radius[i] = ball.radius;
    for (int i = 0; i < tree->d * LEAF; i++) asked->lanes[i] = p[i / LEAF];
    for (int64_t t = 0; t < asked->n_lines; t++) {
        const Line *line = asked->lines + t;
        const int64_t *rows = tree->order + node->start;
        put_on_line(line, tree->n_rows, asked->cell, asked->lanes, radius, rows, 1);
        for (int64_t i = 1; i < node->end - node->start; i++)
            line->counts[rows[i]] = line->counts[rows[0]];
    }
}

static void leaf_balls(const Asked *asked, int64_t number) {
    const Tree *tree = asked->tree;
    const Node *node = tree->nodes + number;
    const int64_t *rows = tree->order + node->start;
    int64_t size = node->end - node->start;
    int d = tree->d;
    const double *block = tree->blocks + node->block * LEAF * d;
    double radius[LEAF] = {0.0};
    Group group = {block, tree->boxes + number * 2 * d, size, asked->nearest, NULL, NULL};
    nearest_to_leaf(tree, tree->roots[asked->cell], number, &group, asked->k, asked->point);
    for (int64_t i = 0; i < size; i++) {
        one_of_lanes(block, (int)i, d, asked->point);
        Ball ball = ball_of(tree, asked->cell, asked->point, asked->k, asked->shrink,
                            asked->nearest + i, LEAF);
        put(asked->out, rows[i], &ball);
        radius[i] = ball.radius;
    }
    for (int64_t t = 0; t < asked->n_lines; t++)
        put_on_line(asked->lines + t, tree->n_rows, asked->cell, block, radius, rows, size);
}

/* Balls of the tree's own rows in nodes begin to end - 1, and the counts of some columns within
   their radii. -1 where memory is short. */
API int own_balls(const Tree *tree, int64_t begin, int64_t end, int64_t k, double shrink,
                  double *radius, int64_t *inside, uint8_t *is_copy, uint8_t *lonely,
                  const Line *lines, int64_t n_lines) {
    const Balls out = {radius, inside, is_copy, lonely};
    double *room = malloc(((k + 1) * LEAF + tree->d * (LEAF + 1)) * sizeof(double));
    if (!room) return -1;
    double *point = room + (k + 1) * LEAF, *lanes = point + tree->d;
    Asked asked = {tree, 0, k, shrink, room, point, lanes, &out, lines, n_lines};
    for (int64_t number = begin; number < end; number++) {
        const Node *node = tree->nodes + number;
        while (tree->roots[asked.cell + 1] <= number) asked.cell++;
        if (node->right < 0) own_ball(&asked, number);
        else if (node->right == 0 && node->start < node->end) leaf_balls(&asked, number);
    }
    free(room);
    return 0;
}

/* Balls of other points (m, d), ordered by cells like the rows of the trees. */
API int balls(const Tree *tree, int64_t begin, int64_t end, const double *points,
              const int64_t *order, const int64_t *starts, int64_t k, double shrink,
              double *radius, int64_t *inside, uint8_t *is_copy, uint8_t *lonely) {
    const Balls out = {radius, inside, is_copy, lonely};
    double *nearest = malloc((k + 1) * sizeof(double));
    if (!nearest) return -1;
    int64_t cell = 0;
    for (int64_t i = begin; i < end; i++) {
        while (starts[cell + 1] <= i) cell++;
        int64_t row = order ? order[i] : i;
        Ball ball = ball_at(tree, cell, points + row * tree->d, k, shrink, nearest);
        put(&out, row, &ball);
    }
    free(nearest);
    return 0;
}

static void leaf_counts(const Tree *tree, int64_t cell, int64_t number, const double *radius,
                        int64_t *counts, double *point) {
    const Node *node = tree->nodes + number;
    const int64_t *rows = tree->order + node->start;
    const double *block = tree->blocks + node->block * LEAF * tree->d;
    const double *box = tree->boxes + number * 2 * tree->d;
    int64_t size = node->end - node->start, inside[LEAF] = {0};
    double reach[LEAF] = {0.0};
    for (int64_t i = 0; i < size; i++) reach[i] = radius[rows[i]];
    Group group = {block, box, size, NULL, reach, inside};
    count_near_leaf(tree, tree->roots[cell], &group, point);
    for (int64_t i = 0; i < size; i++) counts[rows[i]] = inside[i];
}

/* Of rows that coincide, many have the same radius. */
static void own_count(const Tree *tree, int64_t cell, int64_t number, const double *radius,
                      int64_t *counts) {
    const Node *node = tree->nodes + number;
    const double *p = tree->boxes + number * 2 * tree->d;
    int64_t before = -1;
    for (int64_t i = node->start; i < node->end; i++) {
        int64_t row = tree->order[i];
        counts[row] = before >= 0 && radius[row] == radius[before]
            ? counts[before] : count_near(tree, tree->roots[cell], p, radius[row]);
        before = row;
    }
}

/* How many rows of its cell are nearer to each of the tree's own rows than its radius. */
API int own_counts(const Tree *tree, int64_t begin, int64_t end, const double *radius,
                   int64_t *counts) {
    int64_t cell = 0;
    double *point = malloc(tree->d * sizeof(double));
    if (!point) return -1;
    for (int64_t number = begin; number < end; number++) {
        const Node *node = tree->nodes + number;
        while (tree->roots[cell + 1] <= number) cell++;
        if (node->right < 0) own_count(tree, cell, number, radius, counts);
        else if (node->right == 0 && node->start < node->end)
            leaf_counts(tree, cell, number, radius, counts, point);
    }
    free(point);
    return 0;
}

/* The same for other points. */
API int counts(const Tree *tree, int64_t begin, int64_t end, const double *points,
               const int64_t *order, const int64_t *starts, const double *radius,
               int64_t *counts) {
    int64_t cell = 0;
    for (int64_t i = begin; i < end; i++) {
        while (starts[cell + 1] <= i) cell++;
        int64_t row = order ? order[i] : i, root = tree->roots[cell];
        counts[row] = root == tree->roots[cell + 1]
            ? 0 : count_near(tree, root, points + row * tree->d, radius[row]);
    }
    return 0;
}

/* In one column: how many of the ascending values of its cell are nearer than the radius. */
API int line_counts(const double *values, const int64_t *value_starts, int64_t begin, int64_t end,
                    const double *points, const int64_t *order, const int64_t *starts,
                    const double *radius, int64_t *counts) {
    int64_t cell = 0, inside[LEAF];
    for (int64_t i = begin, next; i < end; i = next) {
        double p[LEAF] = {0.0}, r[LEAF] = {0.0};
        while (starts[cell + 1] <= i) cell++;
        next = i + LEAF < end ? i + LEAF : end;
        next = next < starts[cell + 1] ? next : starts[cell + 1];
        for (int64_t j = i; j < next; j++) {
            int64_t row = order ? order[j] : j;
            p[j - i] = points[row], r[j - i] = radius[row];
        }
        lanes_on_line(values + value_starts[cell], value_starts[cell + 1] - value_starts[cell], p,
                      r, inside);
        for (int64_t j = i; j < next; j++) counts[order ? order[j] : j] = inside[j - i];
    }
    return 0;
}
