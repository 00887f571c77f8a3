#pragma once
// How fast matrix tiles are here and now, beside vectors. It depends on more than the processor: where another process
// has the other half of a core, tiles become three times slower, and vectors hardly.

namespace tconv {

/// What a product of tiles takes with what must be loaded for it, in cycles as engines estimate them (engine.h): about
/// 17 on a core of one's own, 50 on a shared one. Measured once, in some milliseconds, by the first who asks: a
/// process takes the same engine for the same layer every time, another process may take another one. Only where
/// matrix_tiles_there().
double tile_product_cycles();

/// A step of multiply_tiles where a layer's arrays come from the level 2 cache: 24 products.
inline double tile_step_cycles() { return 24 * 1.2 * tile_product_cycles(); }

}  // namespace tconv
