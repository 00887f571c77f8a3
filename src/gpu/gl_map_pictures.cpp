#include "gpu/gl_map_pictures.h"

#include <algorithm>

#include "compute/backend.h"

namespace tconv {
namespace {

bool same_scale(const ColorScale& a, const ColorScale& b) {
  return a.kind() == b.kind() && a.range() == b.range() && a.threshold() == b.threshold() &&
         a.bounds(true) == b.bounds(true) && a.table() == b.table();
}

bool same(const DevicePicture& a, const DevicePicture& b) {
  return a.map == b.map && a.window == b.window && a.width == b.width && a.height == b.height &&
         same_scale(a.scale, b.scale);
}

bool any_mean(const std::vector<CellSpan>& spans) {
  return std::ranges::any_of(spans, [](const CellSpan& span) { return span.count > 1; });
}

}  // namespace

GlMapPictures::GlMapPictures(GlDeviceOptions options) : device_(std::move(options)) {}

unsigned GlMapPictures::texture(const DevicePicture& picture) {
  const auto known = std::ranges::find_if(entries_, [&](const Entry& entry) { return same(entry.picture, picture); });
  if (known != entries_.end()) {
    known->used = true;
    return known->texture->name();
  }
  const auto free = std::ranges::find_if(entries_, [&](const Entry& entry) {
    return !entry.used && entry.picture.width == picture.width && entry.picture.height == picture.height;
  });
  if (free != entries_.end()) {
    draw(picture, *free->texture);
    free->picture = picture;
    free->used = true;
    return free->texture->name();
  }
  auto texture = std::make_unique<GlTexture>(device_, picture.width, picture.height);
  draw(picture, *texture);
  entries_.push_back({picture, std::move(texture), true});
  return entries_.back().texture->name();
}

void GlMapPictures::draw(const DevicePicture& picture, const GlTexture& to) {
  const auto* map = dynamic_cast<const GlLargeMap*>(picture.map.get());
  if (map == nullptr) throw BackendError("the window cannot draw a map of another device");
  yard_ = map->yard;
  // The coarsest level whose means are no larger than pixels.
  const double cells = std::min(picture.window.w / picture.width, picture.window.h / picture.height);
  const auto finer = [&](const GlLargeMap::Level& level) { return static_cast<double>(level.step) <= cells; };
  const auto coarse = std::ranges::find_if(map->levels.rbegin(), map->levels.rend(), finer);
  const GlLargeMap::Level& level = coarse == map->levels.rend() ? map->levels.front() : *coarse;
  const auto step = static_cast<double>(level.step);
  const auto columns = cell_spans(picture.window.x / step, picture.window.w / step, picture.width,
                                  static_cast<double>(map->cols) / step);
  const auto rows = cell_spans(picture.window.y / step, picture.window.h / step, picture.height,
                               static_cast<double>(map->rows) / step);
  const GlBuffer means = map_means_on(device_, GlLargeMap::parts(level), columns, rows);
  color_map_on(device_, means, picture.scale, level.step > 1 || any_mean(columns) || any_mean(rows), to);
  device_.check("drawing the map");
}

void GlMapPictures::end_frame() {
  std::erase_if(entries_, [](const Entry& entry) { return !entry.used; });
  for (Entry& entry : entries_) entry.used = false;
  if (const auto yard = yard_.lock()) yard->clear();
}

}  // namespace tconv
