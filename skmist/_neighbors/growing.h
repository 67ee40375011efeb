/* How the kernels grow their trees: rows are halved at the widest side of their box, until they
   fit into leaves, all of which are full but the last one.

   Each source includes it once, after lanes.h, and after it has defined

   Item     a row beside its value in the column by which rows are halved,
   KEY      the type by which items are compared,
   KEY_OF(item), ROW_OF(item), ITEM(value, row). */

/* Keys from which a pivot is chosen; so few items or less are sorted by comparing all of them. */
#define SAMPLE 15
#define FEW 32

/* Rows, and how far apart in memory the rows and the columns are. */
typedef struct {
    const REAL *values;
    int64_t row_step, column_step;
} Table;

INLINE REAL value_at(const Table *rows, int64_t row, int64_t column) {
    return rows->values[row * rows->row_step + column * rows->column_step];
}

/* A node over leaves first to first + count - 1. Nodes are numbered from the top down, left before
   right; one of n leaves owns the 2 n - 1 numbers from its own. */
typedef struct {
    int64_t number, first, count;
} Span;

INLINE int64_t leaves_of(int64_t n) { return (n + LANES - 1) / LANES; }

INLINE Span left_of(Span node) {
    return (Span){node.number + 1, node.first, (node.count + 1) / 2};
}

INLINE Span right_of(Span node) {
    int64_t left = (node.count + 1) / 2;
    return (Span){node.number + 2 * left, node.first + left, node.count - left};
}

/* Bring the items below the pivot (or equal, where `equal`) to the front; return how many. Each
   is written to both ends, as no processor could foresee a branch on the data; and elsewhere, as
   a load that may lie behind a store in the same array would wait for it. */
static int64_t part(Item *items, Item *spare, int64_t n, KEY pivot, int equal) {
    int64_t low = 0;
    for (int64_t i = 0; i < n; i++) {
        int below = equal ? KEY_OF(items[i]) <= pivot : KEY_OF(items[i]) < pivot;
        spare[low] = spare[n - 1 - i + low] = items[i];
        low += below;
    }
    memcpy(items, spare, n * sizeof *items);
    return low;
}

static void sort_few(Item *items, int n) {
    Item sorted[FEW];
    KEY keys[FEW];
    for (int i = 0; i < n; i++) keys[i] = KEY_OF(items[i]);
    for (int i = 0; i < n; i++) {
        int64_t rank = 0;
        for (int j = 0; j < i; j++) rank += keys[j] <= keys[i];
        for (int j = i + 1; j < n; j++) rank += keys[j] < keys[i];
        sorted[rank] = items[i];
    }
    memcpy(items, sorted, n * sizeof *items);
}

/* A key whose rank is near m, from a sample at random places: no order of rows makes it bad. */
static KEY pivot_near(const Item *items, int64_t n, int64_t m, uint64_t *state) {
    Item sample[SAMPLE];
    for (int i = 0; i < SAMPLE; i++) {
        *state = *state * 6364136223846793005u + 1442695040888963407u;
        sample[i] = items[(int64_t)((double)(*state >> 40) / (double)(1 << 24) * (double)n)];
    }
    sort_few(sample, SAMPLE);
    return KEY_OF(sample[(int)((double)m / (double)n * SAMPLE)]);
}

/* Bring the m smallest items to the front, at least one and fewer than all. */
static void halve(Item *items, Item *spare, int64_t n, int64_t m) {
    uint64_t state = 1;
    while (n > FEW) {
        KEY pivot = pivot_near(items, n, m, &state);
        int64_t low = part(items, spare, n, pivot, 0);
        if (m < low) {
            n = low;
            continue;
        }
        /* a pivot that is the least key may be that of most items */
        if (!low) low = part(items, spare, n, pivot, 1);
        if (m <= low) return;
        items += low, n -= low, m -= low;
    }
    sort_few(items, (int)n);
}

/* Fill in the box of some rows, return its widest side, or -1 where all coincide. */
static int widest(const Table *rows, const Item *items, int64_t n, int d, REAL *box) {
    int best = -1;
    for (int j = 0; j < d; j++) {
        REAL low = value_at(rows, ROW_OF(items[0]), j), high = low;
        for (int64_t i = 1; i < n; i++) {
            REAL value = value_at(rows, ROW_OF(items[i]), j);
            low = smaller(low, value), high = larger(high, value);
        }
        box[j] = low, box[d + j] = high;
        if (high > low && (best < 0 || high - low > box[d + best] - box[best])) best = j;
    }
    return best;
}

/* Bring those m of n rows to the front that are the smallest in a column. */
static void halve_at(const Table *rows, int column, Item *items, Item *spare, int64_t n,
                     int64_t m) {
    for (int64_t i = 0; i < n; i++) {
        int64_t row = ROW_OF(items[i]);
        items[i] = ITEM(value_at(rows, row, column), row);
    }
    halve(items, spare, n, m);
}

/* Write the n rows of a leaf, column after column, infinite where it is not full. */
static void fill(const Table *rows, const Item *items, int64_t n, int d, REAL *leaf) {
    for (int j = 0; j < d; j++)
        for (int64_t i = 0; i < LANES; i++)
            leaf[j * LANES + i] = i < n ? value_at(rows, ROW_OF(items[i]), j) : INFINITY;
}
