#include "ui/canvas.h"

#include <algorithm>
#include <cmath>

#include "ui/imgui_compat.h"

namespace tconv {
namespace {

ImVec2 to_vec(Point p) { return {static_cast<float>(p.x), static_cast<float>(p.y)}; }
ImU32 packed(Color c) { return IM_COL32(c.r, c.g, c.b, c.a); }

void dashed_line(ImDrawList& list, Point a, Point b, ImU32 color, float width) {
  const double length = std::hypot(b.x - a.x, b.y - a.y);
  for (double at = 0; at < length; at += dash_on + dash_off) {
    const double end = std::min(length, at + dash_on);
    const auto point = [&](double t) {
      return to_vec({a.x + (b.x - a.x) * t / length, a.y + (b.y - a.y) * t / length});
    };
    list.AddLine(point(at), point(end), color, width);
  }
}

}  // namespace

void Canvas::rect(const RectShape& shape, Point offset) {
  const Rect r{shape.rect.x + offset.x, shape.rect.y + offset.y, shape.rect.w, shape.rect.h};
  const auto radius = static_cast<float>(shape.radius);
  if (shape.fill.a > 0)
    list_.AddRectFilled(to_vec({r.x, r.y}), to_vec({r.right(), r.bottom()}), packed(shape.fill), radius);
  if (shape.hatched) {
    list_.PushClipRect(to_vec({r.x, r.y}), to_vec({r.right(), r.bottom()}), true);
    const Color faint = with_alpha(shape.stroke, hatch_opacity);
    // The diagonals x + y = k · step of the whole figure, so that those of neighbours meet.
    const double sum = offset.x + offset.y;
    const double first = std::floor((r.x + r.y - sum) / hatch_step) * hatch_step + sum;
    for (double k = first; k < r.right() + r.bottom(); k += hatch_step) {
      list_.AddLine(to_vec({k - r.bottom(), r.bottom()}), to_vec({k - r.y, r.y}), packed(faint),
                    static_cast<float>(hatch_width));
    }
    list_.PopClipRect();
  }
  if (shape.stroke_width <= 0 || shape.stroke.a == 0) return;
  const auto width = static_cast<float>(shape.stroke_width);
  if (shape.dashed) {
    const Rect in = r.grown(-shape.stroke_width / 2);
    const ImU32 color = packed(shape.stroke);
    dashed_line(list_, {in.x, in.y}, {in.right(), in.y}, color, width);
    dashed_line(list_, {in.right(), in.y}, {in.right(), in.bottom()}, color, width);
    dashed_line(list_, {in.right(), in.bottom()}, {in.x, in.bottom()}, color, width);
    dashed_line(list_, {in.x, in.bottom()}, {in.x, in.y}, color, width);
    return;
  }
  // ImGui draws a frame's line half a point inside; a wider one has to move in by the rest of its half.
  const Rect in = r.grown(-(shape.stroke_width - 1) / 2);
  list_.AddRect(to_vec({in.x, in.y}), to_vec({in.right(), in.bottom()}), packed(shape.stroke),
                std::max(0.0F, radius - (width - 1) / 2), 0, width);
}

void Canvas::line(const LineShape& shape, Point offset) {
  std::vector<ImVec2> points;
  points.reserve(shape.points.size());
  for (const Point p : shape.points) points.push_back(to_vec({p.x + offset.x, p.y + offset.y}));
  list_.AddPolyline(points.data(), static_cast<int>(points.size()), packed(shape.color), 0,
                    static_cast<float>(shape.width));
}

void Canvas::text(const TextShape& shape, Point offset) {
  if (shape.text.empty()) return;
  double x = shape.at.x + offset.x;
  if (shape.align != Align::left) {
    const double width = text_.width(shape.font, shape.size, shape.text);
    x -= shape.align == Align::centre ? width / 2 : width;
  }
  const auto [font, size] = fonts_.at(shape.font, shape.size);
  const double top = shape.at.y + offset.y - static_cast<double>(compat::ascent(font, size));
  list_.AddText(font, size, to_vec({x, std::round(top)}), packed(shape.color), shape.text.data(),
                shape.text.data() + shape.text.size());
}

void Canvas::image(const ImageShape& shape, Point offset) {
  std::uintptr_t handle = shape.device ? textures_.device_texture(*shape.device) : 0;
  if (handle == 0 && shape.raster) handle = textures_.texture(*shape.raster);
  if (handle == 0) return;
  const Rect& r = shape.rect;
  list_.AddImage(compat::texture_id(handle), to_vec({r.x + offset.x, r.y + offset.y}),
                 to_vec({r.right() + offset.x, r.bottom() + offset.y}));
}

void Canvas::circle(Point centre, double radius, Color color) {
  list_.AddCircleFilled(to_vec(centre), static_cast<float>(radius), packed(color), 24);
}

void Canvas::triangle(Point a, Point b, Point c, Color color) {
  list_.AddTriangleFilled(to_vec(a), to_vec(b), to_vec(c), packed(color));
}

void Canvas::figure(const Figure& figure, Point offset, const Rect& visible) {
  const auto seen = [&](const Rect& r) {
    return r.x + offset.x < visible.right() && r.right() + offset.x > visible.x && r.y + offset.y < visible.bottom() &&
           r.bottom() + offset.y > visible.y;
  };
  for (const Shape2D& shape : figure.shapes) {
    if (const auto* box = std::get_if<RectShape>(&shape.what)) {
      if (seen(box->rect)) rect(*box, offset);
    } else if (const auto* words = std::get_if<TextShape>(&shape.what)) {
      const double y = words->at.y + offset.y;
      if (y + 40 > visible.y && y - 40 < visible.bottom()) text(*words, offset);
    } else if (const auto* path = std::get_if<LineShape>(&shape.what)) {
      line(*path, offset);
    } else if (const auto* picture = std::get_if<ImageShape>(&shape.what)) {
      if (seen(picture->rect)) image(*picture, offset);
    }
  }
}

}  // namespace tconv
