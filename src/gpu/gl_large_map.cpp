#include "gpu/gl_large_map.h"

#include <numeric>

namespace tconv {

std::vector<GlMapPiece> GlLargeMap::parts(const Level& level) {
  std::vector<GlMapPiece> parts;
  for (const Piece& piece : level.pieces) {
    parts.push_back({&piece.buffer, piece.first_row, piece.first_col, piece.rows, piece.cols});
  }
  return parts;
}

std::int64_t GlLargeMap::bytes() const {
  std::int64_t bytes = 0;
  for (const Level& level : levels) {
    for (const Piece& piece : level.pieces) bytes += piece.buffer.bytes();
  }
  return bytes;
}

std::shared_ptr<const GlLargeMap> GlMapYard::keep(const std::shared_ptr<GlMapYard>& yard,
                                                  std::unique_ptr<GlLargeMap> map) {
  map->yard = yard;
  return {map.release(), [yard](GlLargeMap* old) { yard->put(std::unique_ptr<GlLargeMap>(old)); }};
}

void GlMapYard::put(std::unique_ptr<GlLargeMap> map) {
  const std::lock_guard lock(mutex_);
  if (closed_) {
    for (GlLargeMap::Level& level : map->levels) {
      for (GlLargeMap::Piece& piece : level.pieces) piece.buffer.abandon();
    }
    return;
  }
  left_.push_back(std::move(map));
}

void GlMapYard::clear() {
  const std::lock_guard lock(mutex_);
  left_.clear();
}

void GlMapYard::close() {
  const std::lock_guard lock(mutex_);
  left_.clear();
  closed_ = true;
}

}  // namespace tconv
