#include <algorithm>
#include <stdexcept>
#include <unordered_map>
#include <utility>

#include "export/animation.h"
#include "export/gif_frames.h"
#include "export/played_frames.h"
#include "export/work_in_order.h"
#include "files/atomic_file.h"

namespace tconv {
namespace {

constexpr std::size_t most_colors = 255;  // and one number for "nothing here"
constexpr std::uint32_t no_color = 0xffffffffU;

KeptFrames drawn(const FrameSource& frames, const Progress& progress) {
  KeptFrames kept;
  draw_in_order(frames, progress,
                [&](std::int64_t, std::shared_ptr<const Raster> picture) { kept.add(std::move(picture)); });
  kept.finish();
  return kept;
}

/// GIF knows no half-transparent pixels.
std::uint32_t packed_color(const std::array<std::uint8_t, 4>& pixel) {
  if (pixel[3] < 128) return no_color;
  return std::uint32_t{pixel[0]} << 16U | std::uint32_t{pixel[1]} << 8U | pixel[2];
}

/// The runs that are wide enough to be a plain area and no edge of a letter, in pixels.
constexpr int plain_run = 4;

/// Counts the colours and chooses those of the palette; `of_runs` becomes each run's number in it.
IndexedPictures indexed(const KeptFrames& kept, std::vector<std::uint8_t>& of_runs, const Progress& progress) {
  // How often a piece is seen, and how often it is new where it is seen.
  std::vector<std::uint64_t> seen(kept.piece_count());
  std::vector<std::uint64_t> new_somewhere(kept.piece_count());
  for (std::int64_t frame = 0; frame < kept.count(); ++frame) {
    const auto now = kept.pieces(frame);
    const auto before = kept.pieces(std::max<std::int64_t>(frame - 1, 0));
    for (std::size_t i = 0; i < now.size(); ++i) {
      ++seen[now[i]];
      if (frame == 0 || now[i] != before[i]) ++new_somewhere[now[i]];
    }
    progress.check();
  }

  std::unordered_map<std::uint32_t, std::size_t> number;  // of a colour in `uses`
  std::vector<ColorUse> uses;
  std::vector<std::size_t> use_of_run(kept.run_colors().size());
  IndexedPictures pictures{.width = kept.width(), .height = kept.height(), .colors = {}, .fill = {}};
  for (std::size_t piece = 0; piece < kept.piece_count(); ++piece) {
    for (std::size_t run = kept.piece_begin(piece); run < kept.piece_end(piece); ++run) {
      const std::uint32_t color = packed_color(kept.run_colors()[run]);
      if (color == no_color) {
        pictures.has_nothing = true;
        continue;
      }
      const std::size_t use = number.try_emplace(color, uses.size()).first->second;
      if (use == uses.size()) uses.push_back({.rgb = color});
      const std::uint64_t length = kept.run_lengths()[run];
      uses[use].count += length * seen[piece];
      if (length >= plain_run) uses[use].flat += length * new_somewhere[piece];
      use_of_run[run] = use;
    }
    if (piece % 4096 == 0) progress.check();
  }

  std::vector<std::size_t> order(uses.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, {}, [&](std::size_t use) { return uses[use].rgb; });
  std::vector<ColorUse> sorted;
  for (const std::size_t use : order) sorted.push_back(uses[use]);
  GifPalette palette = gif_palette(sorted, most_colors, progress);
  std::vector<std::uint8_t> index_of_use(uses.size());
  for (std::size_t i = 0; i < order.size(); ++i) index_of_use[order[i]] = palette.index_of_use[i];

  pictures.colors = std::move(palette.colors);
  pictures.nothing = static_cast<std::uint8_t>(pictures.colors.size());
  of_runs.resize(use_of_run.size());
  for (std::size_t run = 0; run < of_runs.size(); ++run) {
    const bool nothing = kept.run_colors()[run][3] < 128;
    of_runs[run] = nothing ? pictures.nothing : index_of_use[use_of_run[run]];
  }
  pictures.fill = [&kept, &of_runs](std::int64_t index, std::span<std::uint8_t> pixels) {
    kept.fill(index, std::span<const std::uint8_t>(of_runs), pixels);
  };
  return pictures;
}

/// A comment, in blocks of a length that is no letter of base64: whoever looks for such letters in the bytes of the
/// file finds those of `words` and no others.
std::string comment(std::string words) {
  constexpr std::size_t block = 200;
  if (words.empty()) return "";
  words.resize((words.size() + block - 1) / block * block, ' ');
  std::string bytes = "\x21\xfe";
  for (std::size_t at = 0; at < words.size(); at += block) {
    bytes += static_cast<char>(block);
    bytes.append(words, at, block);
  }
  return bytes + '\0';
}

void write_gif(const FrameSource& source, const AnimationTiming& timing, const std::filesystem::path& path,
               const Progress& progress) {
  AtomicFile file(path);
  const KeptFrames kept = drawn(source, progress.share(0, 0.6));
  if (std::max(kept.width(), kept.height()) > 65535) {
    throw std::runtime_error("a GIF has at most 65535 pixels a side; choose a smaller size");
  }
  std::vector<std::uint8_t> of_runs;
  const IndexedPictures pictures = indexed(kept, of_runs, progress.share(0.6, 0.65));
  const bool repeats = timing.repeat != Repeat::once;
  const std::vector<GifFrame> frames =
      gif_frames(pictures, shown_frames(kept.count(), timing), repeats, progress.share(0.65, 0.7));
  file.write(gif_head(pictures, repeats));
  file.write(comment(source.embedded));
  std::vector<std::string> bytes(frames.size());
  const auto place = [&](std::int64_t i) -> auto& { return bytes[static_cast<std::size_t>(i)]; };
  work_in_order(
      static_cast<std::int64_t>(frames.size()),
      [&](std::int64_t i) { place(i) = gif_frame_bytes(pictures, frames, static_cast<std::size_t>(i)); },
      [&](std::int64_t i) { file.write(std::exchange(place(i), {})); }, progress.share(0.7, 1));
  file.write(gif_tail);
  file.finish();
  progress.check();
  file.commit();
}

}  // namespace

Animator gif_animator() {
  return {"gif", ".gif", "GIF", "plays everywhere", true, [] { return std::string(); }, &write_gif};
}

}  // namespace tconv
