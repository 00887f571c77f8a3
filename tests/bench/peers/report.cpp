#include "peers/report.h"

#include <algorithm>
#include <cstdio>
#include <ostream>

#include "kernels/layer_plan.h"

namespace tconv::bench {
namespace {

template <typename... Values>
std::string formatted(const char* format, Values... values) {
  char text[512];
  std::snprintf(text, sizeof text, format, values...);
  return text;
}

std::string in_ms(double seconds) { return formatted(seconds < 0.01 ? "%.3f" : "%.2f", seconds * 1e3); }

const Row* quickest(const std::vector<const Row*>& rows) {
  const auto found = std::ranges::min_element(rows, {}, [](const Row* row) { return row->timing.median; });
  return found == rows.end() ? nullptr : *found;
}

/// "onednn_nhwc 1.43 | **0.95** |": a ratio below its target is bold.
std::string beside(const Row* ours, const Row* peer, double target) {
  if (peer == nullptr) return "– | – |";
  std::string text = peer->method + " " + in_ms(peer->timing.median) + " | ";
  if (ours == nullptr) return text + "– |";
  const double ratio = peer->timing.median / ours->timing.median;
  return text + formatted(ratio < target ? "**%.2f** |" : "%.2f |", ratio);
}

/// "1.6e-07 … 5.9e-07".
std::string errors_of(const std::vector<const Row*>& rows) {
  if (rows.empty()) return "–";
  const auto [least, most] = std::ranges::minmax(rows, {}, [](const Row* row) { return row->error.rms; });
  return formatted("%.1e … %.1e", least->error.rms, most->error.rms);
}

}  // namespace

void print_csv(std::ostream& out, const Row& row) {
  out << row.layer
      << formatted(",%s,%d,%.4f,%.4f,%lld,%.2f,%.2e,%.2e\n", row.method.c_str(), row.threads, row.timing.median * 1e3,
                   row.timing.least * 1e3, static_cast<long long>(row.timing.repetitions),
                   row.operations / row.timing.median * 1e-9, row.error.rms, row.error.largest);
}

Target target_of(const LayerSpec& layer, Direction direction) {
  if (direction != Direction::forward) return {};
  const AxisSpec& axis = layer.axes[0];
  const std::int64_t in = layer.in_channels / layer.groups;
  const std::int64_t out = layer.out_channels / layer.groups;
  const std::int64_t cells = layer.axes[0].input * layer.axes[1].input;
  if (layer.groups > 1 && in == 1) return {1.3, 1.3};  // depthwise
  if (in == 1 && out == 1) return {20, 20};            // maps
  if (in <= 4 && out <= 4) return {3, 3};              // images
  if (axis.kernel >= 16) return {2, 2};                // FCN's upsamplers
  if (axis.dilation > 1 && axis.kernel == 3) return {1.6, 1.6};
  if (in >= 64 && out <= 4) return {1.5, 1.5};
  if (axis.kernel == 4 && axis.stride == 2 && in >= 128 && out >= 128) {
    // The weights of a small map are most of the bytes.
    return cells * layer.batch <= 16 ? Target{2, 2} : Target{1.5, 1.5};
  }
  if (axis.kernel == 3 && axis.stride == 2) return {1.2, 1.2};
  if (axis.kernel == 2 && axis.stride == 2) return {1, 1.25};
  return {};
}

void print_table(std::ostream& out, const std::vector<NamedLayer>& layers, Direction direction,
                 const std::vector<Row>& rows, const std::map<int, MachineLimits>& limits) {
  out << "| layer | threads | ours, ms | engine | best peer, own layout, ms | ratio | best peer, N,C,y,x in and out, "
         "ms | ratio | "
         "floor ms | ours / floor | rms error | of the peers | target | |\n"
         "| --- | --: | --: | --- | --- | --: | --- | --: | --: | --: | --: | --- | --: | --- |\n";
  for (const NamedLayer& named : layers) {
    for (const auto& [threads, limit] : limits) {
      const Row* ours = nullptr;
      std::vector<const Row*> any;
      std::vector<const Row*> plain;
      for (const Row& row : rows) {
        if (row.layer != named.name || row.threads != threads) continue;
        if (row.method == "fast") ours = &row;
        if (row.method.starts_with("fast")) continue;
        if (!row.method.ends_with("_reorders")) any.push_back(&row);
        if (row.plain) plain.push_back(&row);
      }
      const Target target = target_of(named.layer, direction);
      const Row* best = quickest(any);
      const Row* best_plain = quickest(plain);
      const double floor = floor_of(plan_of(named.layer), limit);
      const auto misses = [&](const Row* peer, double wanted) {
        return ours != nullptr && peer != nullptr && peer->timing.median < wanted * ours->timing.median;
      };
      out << "| " << named.name << " | " << threads << " | " << (ours == nullptr ? "–" : in_ms(ours->timing.median))
          << " | " << (ours == nullptr ? "–" : ours->how.substr(0, ours->how.find(' '))) << " | "
          << beside(ours, best, target.own) << " " << beside(ours, best_plain, target.plain) << " " << in_ms(floor)
          << " | " << (ours == nullptr ? "–" : formatted("%.1f", ours->timing.median / floor)) << " | "
          << (ours == nullptr ? "–" : formatted("%.1e", ours->error.rms)) << " | " << errors_of(any) << " | ";
      out << formatted(target.own == target.plain ? "%.3g" : "%.3g / %.3g", target.own, target.plain) << " | "
          << (misses(best, target.own) || misses(best_plain, target.plain) ? "missed" : "") << " |\n";
    }
  }
}

}  // namespace tconv::bench
