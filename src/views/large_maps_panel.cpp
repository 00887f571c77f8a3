#include "views/large_maps_panel.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "compute/large_map_input.h"
#include "figure/layout.h"
#include "views/color_bar.h"
#include "views/column.h"
#include "views/large_maps_scene.h"
#include "views/wording.h"

namespace tconv {
namespace {

using std::int64_t;

/// "268 M", "1.07 G": a large number, short.
std::string short_number(double number) {
  if (number >= 1e9) return number_text(number / 1e9, 3) + " G";
  if (number >= 1e6) return number_text(number / 1e6, 3) + " M";
  return grouped_text(static_cast<int64_t>(number));
}

std::string bytes_text(double bytes) {
  constexpr double kib = 1024;
  if (bytes >= 1000 * kib * kib) return number_text(bytes / (kib * kib * kib), 3) + " GiB";
  return bytes >= 1000 * kib ? number_text(bytes / (kib * kib), 3) + " MiB" : number_text(bytes / kib, 3) + " KiB";
}

std::string seconds_text(double seconds) {
  if (seconds >= 1) return number_text(seconds, 3) + " s";
  return seconds >= 1e-3 ? number_text(seconds * 1e3, 3) + " ms" : number_text(seconds * 1e6, 3) + " µs";
}

/// Of a time and the least that the machine allows.
std::string floor_words(double seconds, double floor) {
  constexpr double about = 0.05;
  const double times = seconds / floor;
  std::string words = "floor " + seconds_text(floor);
  if (times < 1 - about) return words + ": below it, blocks of the output stay in the caches";
  if (times < 1 + about) return words + ": there";
  return words + ": takes " + (times < 10 ? number_text(times, 2) : grouped_text(std::llround(times))) + "× as long";
}

class LargeMapsPanel {
 public:
  LargeMapsPanel(Column& column, const LargeMapsScene& scene) : column_(column), in_(column.in), scene_(scene) {}

  void draw() {
    draw_cell();
    draw_values();
    draw_time();
    draw_size();
    draw_memory();
  }

 private:
  void line(const std::string& words) { column_.line({{words, in_.theme.text, Font::mono}}, 20); }

  void draw_cell() {
    column_.heading("Cell");
    const auto focus = scene_.focus();
    // Without a cursor the middle of what is on show.
    const Rect& seen = scene_.window;
    const auto middle = [](double begin, double extent) { return static_cast<int64_t>(begin + extent / 2); };
    const auto [row, col] = focus.value_or(std::array{middle(seen.y, seen.h), middle(seen.x, seen.w)});
    line("y[" + std::to_string(row) + ", " + std::to_string(col) +
         "] = " + number_text(static_cast<double>(scene_.state.blocks->cell(row, col)), 6));
    // By the definition: many channels would take longer than a frame.
    constexpr double most_products = 4096;
    const double products = static_cast<double>(scene_.state.blocks->products()) /
                            (static_cast<double>(scene_.rows) * static_cast<double>(scene_.cols));
    if (products <= most_products) draw_neighbours(row, col);
    if (!focus && in_.interactive) {
      column_.sentence("Point at the map: wheel zooms, dragging moves, double-click shows the whole.", in_.theme.muted);
    }
    column_.y += 14;
  }

  /// The cells around one, each drawn: what the means of the map do not show.
  void draw_neighbours(int64_t row, int64_t col) {
    constexpr int64_t across = 17;
    constexpr int64_t down = 9;
    const double side = in_.size.w / across;
    const double top = column_.y - 10;
    const int64_t first_row = std::clamp<int64_t>(row - down / 2, 0, std::max<int64_t>(0, scene_.rows - down));
    const int64_t first_col = std::clamp<int64_t>(col - across / 2, 0, std::max<int64_t>(0, scene_.cols - across));
    const auto place = [&](int64_t y, int64_t x) {
      return Rect{static_cast<double>(x - first_col) * side, top + static_cast<double>(y - first_row) * side, side,
                  side};
    };
    for (int64_t y = first_row; y < std::min(scene_.rows, first_row + down); ++y) {
      for (int64_t x = first_col; x < std::min(scene_.cols, first_col + across); ++x) {
        const auto value = static_cast<double>(scene_.state.blocks->cell(y, x));
        column_.figure.add(RectShape{.rect = place(y, x), .fill = scene_.scale.color(value)});
      }
    }
    column_.figure.add(RectShape{.rect = place(row, col).grown(1), .stroke = in_.theme.text, .stroke_width = 2});
    column_.y = top + static_cast<double>(std::min(down, scene_.rows)) * side + 18;
  }

  void draw_values() {
    const LargeMapStatistics& statistics = *scene_.state.statistics;
    column_.heading("Values");
    if (statistics.cells() == 0) {
      column_.sentence("Computing…", in_.theme.muted);
      column_.y += 14;
      return;
    }
    draw_histogram(statistics);
    line("least " + number_text(statistics.least(), 5));
    line("most  " + number_text(statistics.most(), 5));
    const int64_t cells = scene_.pixel_cells();
    if (cells > 1) {
      column_.sentence("What is finer than " + std::to_string(cells) +
                           " cells, a checkerboard too, is averaged away at this zoom: zoom in to see it.",
                       in_.theme.muted);
    }
    if (statistics.not_finite() > 0) line("not finite " + grouped_text(statistics.not_finite()));
    column_.y += 14;
  }

  /// Bars over the scale's colours: how many cells have which of them.
  void draw_histogram(const LargeMapStatistics& statistics) {
    const ValueRange range = scene_.scale.range();
    if (!(range.low < range.high)) return;
    const double width = in_.size.w;
    constexpr double height = 56;
    const int bars = std::max(16, static_cast<int>(width / 4));
    const std::vector<int64_t> counts = statistics.histogram(range.low, range.high, bars);
    const auto most = static_cast<double>(std::ranges::max(counts));
    const double top = column_.y - 12;
    const double step = width / bars;
    for (int bar = 0; bar < bars; ++bar) {
      const auto count = static_cast<double>(counts[static_cast<std::size_t>(bar)]);
      if (count == 0) continue;
      // The root: a few cells of rare values are seen beside millions of zeros.
      const double high = std::max(1.0, height * std::sqrt(count / most));
      column_.figure.add(RectShape{.rect = {step * bar, top + height - high, std::max(1.0, step - 1), high},
                                   .fill = in_.theme.output});
    }
    add_color_strip(column_.figure, in_, {0, top + height + 3, width, 8}, scene_.scale.map(), scene_.scale.constant());
    column_.y = top + height + 30;
    column_.sentence("Heights are square roots; the tallest bar has " + short_number(static_cast<double>(most)) +
                         (most == 1 ? " cell." : " cells."),
                     in_.theme.muted);
  }

  void draw_size() {
    const LayerSpec& layer = scene_.state.key.scenario.layer;
    column_.heading("Size");
    line("input  " + std::to_string(layer.in_channels) + " × " + std::to_string(layer.axes[0].input) + " × " +
         std::to_string(layer.axes[1].input));
    line("output " + std::to_string(scene_.rows) + " × " + std::to_string(scene_.cols));
    line(short_number(static_cast<double>(scene_.rows * scene_.cols)) + " cells");
    line(short_number(static_cast<double>(scene_.state.blocks->products())) + " products");
    if (scene_.state.blocks->input()->repeats()) {
      column_.sentence("The input repeats a smaller picture.", in_.theme.muted);
    }
    const LayerSpec& own = in_.results.scenario.layer;
    if (!scene_.state.key.as_it_is && in_.interactive) {
      column_.sentence("The input is as large as the output asks for; the slider “Input size” counts with “As it is”.",
                       in_.theme.muted);
    }
    if (own.out_channels > 1 || own.batch > 1) {
      column_.sentence("One output channel of one sample: the one on show.", in_.theme.muted);
    }
    column_.y += 14;
  }

  void draw_time() {
    // Times differ from run to run, and pictures of the same thing must not.
    if (!in_.interactive) return;
    const LargeMapState& state = scene_.state;
    if (state.seconds <= 0 && state.device == nullptr) return;
    column_.heading("Time");
    if (state.seconds > 0 && state.done > 0) {
      const int threads = state.blocks->threads();
      draw_way("CPU", state.seconds, state.done, state.floor_seconds,
               state.blocks->way() + (threads > 1 ? ", " + std::to_string(threads) + " threads" : ", one thread"));
      if (state.waited > 0) {
        column_.y -= 6;
        column_.sentence(
            "From the choice to the whole map, with input, means and statistics: " + seconds_text(state.waited) + ".",
            in_.theme.text);
        column_.y += 6;
      }
    }
    if (state.device != nullptr) {
      draw_way("GPU", state.device->seconds, 1, state.device_floor_seconds, state.device->way);
    }
    column_.sentence(
        state.floor_seconds > 0 || state.device_floor_seconds > 0
            ? "Floor: what memory and multiply-adds of this machine, measured, leave at best (of a GPU its "
              "memory). Times count the cells alone, with arrays where they are needed."
            : "Times count the cells alone, with arrays where they are needed.",
        in_.theme.muted);
    column_.y += 14;
  }

  /// `part` of the map in so many seconds.
  void draw_way(const std::string& name, double seconds, double part, double floor, const std::string& way) {
    line(name + "  " + seconds_text(seconds) + (part < 1 ? " so far" : ""));
    const double each = part / seconds;
    column_.sentence(short_number(each * static_cast<double>(scene_.rows * scene_.cols)) + " cells/s, " +
                         number_text(2e-9 * each * static_cast<double>(scene_.state.blocks->products()), 3) +
                         " GFLOP/s",
                     in_.theme.text);
    if (floor > 0) column_.sentence(floor_words(seconds / part, floor), in_.theme.text);
    column_.sentence(way, in_.theme.muted);
    column_.y += 6;
  }

  void draw_memory() {
    column_.heading("Memory");
    line(bytes_text(static_cast<double>(scene_.state.blocks->memory_bytes())));
    column_.sentence("What this program keeps of the map: its input, and a block for each thread.", in_.theme.muted);
    if (scene_.state.device != nullptr) {
      line(bytes_text(static_cast<double>(scene_.state.device->memory_bytes)) + " on the GPU");
      column_.sentence("The GPU keeps the output and draws from it; nothing is fetched for that.", in_.theme.muted);
    }
    if (scene_.on_processor()) {
      column_.sentence("The CPU does not keep the output (" +
                           bytes_text(4.0 * static_cast<double>(scene_.rows * scene_.cols)) +
                           "): its means are kept, and the cells that are looked at.",
                       in_.theme.muted);
    }
  }

  Column& column_;
  const ViewInput& in_;
  const LargeMapsScene& scene_;
};

}  // namespace

Figure draw_large_maps_panel(const ViewInput& in) {
  Figure figure{.size = in.size, .background = in.theme.panel, .title = "Large map"};
  Column column{figure, in, 14};
  const LargeMapState* state = in.results.large_map.get();
  if (state != nullptr && state->refused.empty()) {
    LargeMapsPanel(column, LargeMapsScene(in, *state)).draw();
  } else if (state != nullptr) {
    column.heading("No map");
    column.sentence(state->refused, in.theme.muted);
  }
  figure.size.h = column.y;
  return figure;
}

}  // namespace tconv
