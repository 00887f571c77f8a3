#pragma once
// Every difference between Dear ImGui 1.86 (Debian 12), 1.90 and 1.92 that this program meets, in one place.

#include <imgui.h>

#include <cmath>
#include <cstdint>

#include "ui/input.h"

namespace tconv::compat {

/// From 1.92 on fonts are rasterized on demand at any size, and the renderer fetches textures by itself.
inline constexpr bool dynamic_fonts = IMGUI_VERSION_NUM >= 19200;

inline ImTextureID texture_id(std::uintptr_t handle) {
#if IMGUI_VERSION_NUM >= 19200
  return static_cast<ImTextureID>(handle);
#else
  return reinterpret_cast<ImTextureID>(handle);
#endif
}

inline void push_font(ImFont* font, [[maybe_unused]] float size) {
#if IMGUI_VERSION_NUM >= 19200
  ImGui::PushFont(font, size);
#else
  ImGui::PushFont(font);
#endif
}

inline bool pressed(ImGuiKey key) {
#if IMGUI_VERSION_NUM < 18700  // before, keys had the user's numbers
  return ImGui::IsKeyPressed(ImGui::GetKeyIndex(key));
#else
  return ImGui::IsKeyPressed(key);
#endif
}

/// Prepares a font whose glyphs shall come out at `pixels` from the highest ascender to the lowest descender, a merged
/// one as well as the font `into` pixels high that it is merged into. Returns the size to add it with. From 1.90 on
/// that is cut to whole pixels, so the missing part goes into the density, and `build_atlas` makes it good.
inline float exact_size([[maybe_unused]] ImFontConfig& config, float pixels, [[maybe_unused]] float into) {
#if IMGUI_VERSION_NUM >= 18991 && IMGUI_VERSION_NUM < 19200
  config.RasterizerDensity = into / std::floor(into);
  return pixels / config.RasterizerDensity + 0.01F;  // a float just below a whole number would lose a pixel
#else
  return pixels;
#endif
}

/// Makes the glyphs of all added fonts; later versions do so when they are first used.
inline void build_atlas([[maybe_unused]] ImFontAtlas& atlas) {
#if IMGUI_VERSION_NUM < 19200
  atlas.Build();
#endif
#if IMGUI_VERSION_NUM >= 18991 && IMGUI_VERSION_NUM < 19200
  // The glyphs have the right number of pixels, but stand for whole sizes: stretched to the true size they would be
  // blurred twice, by the stretch and by a base line between two pixels.
  for (ImFont* font : atlas.Fonts) {
    const float density = font->ConfigData->RasterizerDensity;
    const float ascent = std::floor(font->Ascent + 0.5F);  // where glyphs have their base line
    const float whole = std::ceil(ascent * density);
    for (ImFontGlyph& glyph : font->Glyphs) {
      glyph.X0 *= density;
      glyph.X1 *= density;
      glyph.Y0 = (glyph.Y0 - ascent) * density + whole;
      glyph.Y1 = (glyph.Y1 - ascent) * density + whole;
      glyph.AdvanceX *= density;
    }
    for (float& advance : font->IndexAdvanceX) advance *= density;
    font->FallbackAdvanceX *= density;
    font->FontSize *= density;
    font->Ascent = whole;
    font->Descent *= density;
  }
#endif
}

/// What a renderer says and does that draws nothing, for tests without OpenGL: once before the first frame, and after
/// each, because from 1.92 on the renderer looks after the glyphs' textures.
inline void pretend_to_render() {
#if IMGUI_VERSION_NUM >= 19200
  ImGui::GetIO().BackendFlags |= ImGuiBackendFlags_RendererHasTextures;
  for (ImTextureData* texture : ImGui::GetPlatformIO().Textures) {
    if (texture->Status == ImTextureStatus_WantDestroy) {
      texture->SetTexID(ImTextureID_Invalid);
      texture->SetStatus(ImTextureStatus_Destroyed);
    } else if (texture->Status != ImTextureStatus_OK && texture->Status != ImTextureStatus_Destroyed) {
      texture->SetTexID(1);
      texture->SetStatus(ImTextureStatus_OK);
    }
  }
#endif
}

/// From 1.92.6 on: how many times larger than its size a font's glyphs are made. The size itself is rounded to whole
/// points, so it has to be the type size, and the ratio of box and em goes here. Returns whether there is such a thing.
inline bool set_box_ratio([[maybe_unused]] ImFontConfig& config, [[maybe_unused]] float ratio) {
#if IMGUI_VERSION_NUM >= 19261
  config.ExtraSizeScale = ratio;
  return true;
#else
  return false;
#endif
}

/// Distance from the top of a line to its baseline, in the unit of `size`.
inline float ascent(ImFont* font, float size) {
#if IMGUI_VERSION_NUM >= 19200
  return font->GetFontBaked(size)->Ascent;
#else
  return static_cast<float>(static_cast<int>(font->Ascent + 0.5F)) * size / font->FontSize;
#endif
}

/// Ctrl+C and Ctrl+V in text fields.
inline void set_clipboard(void* user, const char* (*get)(void*), void (*set)(void*, const char*)) {
#if IMGUI_VERSION_NUM >= 19110
  // The context's first argument is not the user's pointer any more: it is reached through the platform's data.
  struct Functions {
    static void* user(ImGuiContext*) { return ImGui::GetPlatformIO().Platform_ClipboardUserData; }
  };
  static const char* (*getter)(void*) = nullptr;
  static void (*setter)(void*, const char*) = nullptr;
  getter = get;
  setter = set;
  ImGuiPlatformIO& io = ImGui::GetPlatformIO();
  io.Platform_ClipboardUserData = user;
  io.Platform_GetClipboardTextFn = [](ImGuiContext* c) { return getter(Functions::user(c)); };
  io.Platform_SetClipboardTextFn = [](ImGuiContext* c, const char* text) { setter(Functions::user(c), text); };
#else
  ImGuiIO& io = ImGui::GetIO();
  io.ClipboardUserData = user;
  io.GetClipboardTextFn = get;
  io.SetClipboardTextFn = set;
#endif
}

/// One ImGui unit is one point; glyphs are rasterized for `scale` pixels a point.
inline void set_scale(ImGuiIO& io, float scale) {
  io.DisplayFramebufferScale = ImVec2(scale, scale);
#if IMGUI_VERSION_NUM < 19200
  io.FontGlobalScale = 1 / scale;
#endif
}

#if IMGUI_VERSION_NUM >= 18700

inline ImGuiKey imgui_key(int key) {
  switch (key) {
    case key_escape:
      return ImGuiKey_Escape;
    case key_enter:
      return ImGuiKey_Enter;
    case key_tab:
      return ImGuiKey_Tab;
    case key_backspace:
      return ImGuiKey_Backspace;
    case key_delete:
      return ImGuiKey_Delete;
    case key_left:
      return ImGuiKey_LeftArrow;
    case key_right:
      return ImGuiKey_RightArrow;
    case key_up:
      return ImGuiKey_UpArrow;
    case key_down:
      return ImGuiKey_DownArrow;
    case key_home:
      return ImGuiKey_Home;
    case key_end:
      return ImGuiKey_End;
    case 'A':
      return ImGuiKey_A;
    case 'C':
      return ImGuiKey_C;
    case 'V':
      return ImGuiKey_V;
    case 'X':
      return ImGuiKey_X;
    case 'Y':
      return ImGuiKey_Y;
    case 'Z':
      return ImGuiKey_Z;
    default:
      return ImGuiKey_None;
  }
}

inline void set_up_keys(ImGuiIO&) {}
inline void mouse_position(ImGuiIO& io, Point p) {
  io.AddMousePosEvent(static_cast<float>(p.x), static_cast<float>(p.y));
}
inline void mouse_button(ImGuiIO& io, int index, bool down) { io.AddMouseButtonEvent(index, down); }
inline void mouse_wheel(ImGuiIO& io, double dx, double dy) {
  io.AddMouseWheelEvent(static_cast<float>(dx), static_cast<float>(dy));
}
inline void key(ImGuiIO& io, const KeyPress& press, bool down) {
#if IMGUI_VERSION_NUM >= 18900
  io.AddKeyEvent(ImGuiMod_Ctrl, press.ctrl);
  io.AddKeyEvent(ImGuiMod_Shift, press.shift);
#else
  io.AddKeyEvent(ImGuiKey_ModCtrl, press.ctrl);
  io.AddKeyEvent(ImGuiKey_ModShift, press.shift);
#endif
  const ImGuiKey known = imgui_key(press.key);
  if (known != ImGuiKey_None) io.AddKeyEvent(known, down);
}

#else  // 1.86: state is written before NewFrame, and keys have the program's own numbers

inline void set_up_keys(ImGuiIO& io) {
  io.KeyMap[ImGuiKey_Escape] = key_escape;
  io.KeyMap[ImGuiKey_Enter] = key_enter;
  io.KeyMap[ImGuiKey_Tab] = key_tab;
  io.KeyMap[ImGuiKey_Backspace] = key_backspace;
  io.KeyMap[ImGuiKey_Delete] = key_delete;
  io.KeyMap[ImGuiKey_LeftArrow] = key_left;
  io.KeyMap[ImGuiKey_RightArrow] = key_right;
  io.KeyMap[ImGuiKey_UpArrow] = key_up;
  io.KeyMap[ImGuiKey_DownArrow] = key_down;
  io.KeyMap[ImGuiKey_Home] = key_home;
  io.KeyMap[ImGuiKey_End] = key_end;
  io.KeyMap[ImGuiKey_A] = 'A';
  io.KeyMap[ImGuiKey_C] = 'C';
  io.KeyMap[ImGuiKey_V] = 'V';
  io.KeyMap[ImGuiKey_X] = 'X';
  io.KeyMap[ImGuiKey_Y] = 'Y';
  io.KeyMap[ImGuiKey_Z] = 'Z';
}
inline void mouse_position(ImGuiIO& io, Point p) {
  io.MousePos = ImVec2(static_cast<float>(p.x), static_cast<float>(p.y));
}
inline void mouse_button(ImGuiIO& io, int index, bool down) { io.MouseDown[index] = down; }
inline void mouse_wheel(ImGuiIO& io, double dx, double dy) {
  io.MouseWheelH += static_cast<float>(dx);
  io.MouseWheel += static_cast<float>(dy);
}
inline void key(ImGuiIO& io, const KeyPress& press, bool down) {
  io.KeyCtrl = press.ctrl;
  io.KeyShift = press.shift;
  if (press.key > 0 && press.key < IM_ARRAYSIZE(io.KeysDown)) io.KeysDown[press.key] = down;
}

#endif

}  // namespace tconv::compat
