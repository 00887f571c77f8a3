# Finds every library that Tconv Studio uses, and names each as a target. All are imported, so that their headers count
# as the system's and the project's own warnings stop at them. What each is for: README.md in this folder.

find_package(PkgConfig REQUIRED)

function(tconv_missing what debian_package)
  message(FATAL_ERROR "${what} is missing: install ${debian_package}, or let `third_party/bootstrap build` do it")
endfunction()

# tconv_pkg(<name> <Debian package> <pkg-config module>...) defines tconv::<name>.
function(tconv_pkg name debian_package)
  string(TOUPPER ${name} prefix)
  pkg_check_modules(${prefix} QUIET IMPORTED_TARGET GLOBAL ${ARGN})
  if(NOT ${prefix}_FOUND)
    tconv_missing("${ARGN}" ${debian_package})
  endif()
  add_library(tconv::${name} ALIAS PkgConfig::${prefix})
endfunction()

# tconv_config(<target> <Debian package> <CMake package>...): the target under the name that the library gives it.
macro(tconv_config target debian_package)
  find_package(${ARGN} CONFIG QUIET)
  if(NOT TARGET ${target})
    tconv_missing(${ARGV2} ${debian_package})
  endif()
endmacro()

find_package(Threads REQUIRED)
find_package(ZLIB)
if(NOT ZLIB_FOUND)
  tconv_missing(zlib zlib1g-dev)
endif()
find_package(GIF)
if(NOT GIF_FOUND)
  tconv_missing(giflib libgif-dev)
endif()
tconv_config(Eigen3::Eigen libeigen3-dev Eigen3)
tconv_config(nlohmann_json::nlohmann_json nlohmann-json3-dev nlohmann_json)
tconv_config(CLI11::CLI11 libcli11-dev CLI11)
tconv_config(TBB::tbb libtbb-dev TBB)
tconv_pkg(hwy libhwy-dev libhwy)
tconv_pkg(png libpng-dev libpng)
tconv_pkg(freetype libfreetype-dev freetype2)
tconv_pkg(cairo libcairo2-dev cairo cairo-ft)
tconv_pkg(webp libwebp-dev libwebp libwebpmux libwebpdemux)
tconv_pkg(epoxy libepoxy-dev epoxy)
tconv_pkg(egl libegl-dev egl)
if(TCONV_BUILD_TESTS)
  tconv_config(GTest::gtest_main libgtest-dev GTest)

  # tconv::peers is what the kernels are timed against, and is there only where all of it is installed: nothing else
  # needs it. XNNPACK and pthreadpool bring neither CMake nor pkg-config files.
  # Debian's dnnl configuration insists on OpenCL, also under QUIET: without it nothing at all would be configured.
  find_package(OpenCL QUIET)
  if(OpenCL_FOUND)
    find_package(dnnl 2 CONFIG QUIET)
  endif()
  find_package(OpenMP COMPONENTS CXX QUIET)
  find_path(TCONV_XNNPACK_INCLUDE_DIR xnnpack.h)
  find_library(TCONV_XNNPACK_LIBRARY XNNPACK)
  find_library(TCONV_PTHREADPOOL_LIBRARY pthreadpool)
  mark_as_advanced(dnnl_DIR TCONV_XNNPACK_INCLUDE_DIR TCONV_XNNPACK_LIBRARY TCONV_PTHREADPOOL_LIBRARY)
  if(TARGET DNNL::dnnl AND OpenMP_CXX_FOUND AND TCONV_XNNPACK_INCLUDE_DIR AND TCONV_XNNPACK_LIBRARY
     AND TCONV_PTHREADPOOL_LIBRARY)
    add_library(tconv::peers INTERFACE IMPORTED GLOBAL)
    target_include_directories(tconv::peers INTERFACE ${TCONV_XNNPACK_INCLUDE_DIR})
    target_link_libraries(tconv::peers INTERFACE DNNL::dnnl OpenMP::OpenMP_CXX ${TCONV_XNNPACK_LIBRARY}
                                                 ${TCONV_PTHREADPOOL_LIBRARY})
  endif()
endif()

# Headers only: the one file that decodes images defines STB_IMAGE_IMPLEMENTATION and STB_IMAGE_STATIC itself, so that
# only the formats wanted are compiled, the sanitizers see into the decoder, and `tconv` does not need libstb.
find_path(TCONV_STB_INCLUDE_DIR stb_image.h PATH_SUFFIXES stb)
mark_as_advanced(TCONV_STB_INCLUDE_DIR)
if(NOT TCONV_STB_INCLUDE_DIR)
  tconv_missing("stb_image.h" libstb-dev)
endif()
add_library(tconv::stb INTERFACE IMPORTED GLOBAL)
target_include_directories(tconv::stb INTERFACE ${TCONV_STB_INCLUDE_DIR})

if(TCONV_BUILD_STUDIO)
  tconv_pkg(glfw libglfw3-dev glfw3)

  # tconv::imgui is the toolkit with imgui_stdlib.h; tconv::imgui_backends adds GLFW and OpenGL 3.
  if(TCONV_IMGUI_DIR)
    if(NOT EXISTS ${TCONV_IMGUI_DIR}/imgui.cpp)
      message(FATAL_ERROR "TCONV_IMGUI_DIR: no imgui.cpp in ${TCONV_IMGUI_DIR}")
    endif()
    file(GLOB imgui_sources ${TCONV_IMGUI_DIR}/imgui*.cpp)
    set(imgui_include_dirs ${TCONV_IMGUI_DIR} ${TCONV_IMGUI_DIR}/misc/cpp)
    set(imgui_backend_dir ${TCONV_IMGUI_DIR}/backends)
    add_library(tconv_imgui STATIC ${imgui_sources} ${TCONV_IMGUI_DIR}/misc/cpp/imgui_stdlib.cpp)
    target_include_directories(tconv_imgui SYSTEM PUBLIC ${imgui_include_dirs})
    add_library(tconv_imgui_backends STATIC ${imgui_backend_dir}/imgui_impl_glfw.cpp
                                            ${imgui_backend_dir}/imgui_impl_opengl3.cpp)
    target_include_directories(tconv_imgui_backends SYSTEM PUBLIC ${imgui_backend_dir})
    target_link_libraries(tconv_imgui_backends PUBLIC tconv_imgui tconv::glfw ${CMAKE_DL_LIBS})
    # Not this project's code: its warnings are for its authors.
    target_compile_options(tconv_imgui PRIVATE -w)
    target_compile_options(tconv_imgui_backends PRIVATE -w)
    add_library(tconv::imgui ALIAS tconv_imgui)
    add_library(tconv::imgui_backends ALIAS tconv_imgui_backends)
  else()
    # Debian packs the toolkit and the backends into one archive. It is named twice, so that the linker reads it before
    # GLFW for those who want the backends, and without GLFW for those who do not.
    pkg_check_modules(IMGUI QUIET imgui)
    find_path(TCONV_IMGUI_BACKENDS_DIR imgui_impl_glfw.h HINTS ${IMGUI_INCLUDE_DIRS} PATH_SUFFIXES backends imgui/backends)
    find_library(TCONV_IMGUI_LIBRARY imgui HINTS ${IMGUI_LIBRARY_DIRS})
    find_library(TCONV_STB_LIBRARY stb)
    mark_as_advanced(TCONV_IMGUI_BACKENDS_DIR TCONV_IMGUI_LIBRARY TCONV_STB_LIBRARY)
    if(NOT IMGUI_FOUND OR NOT TCONV_IMGUI_BACKENDS_DIR OR NOT TCONV_IMGUI_LIBRARY OR NOT TCONV_STB_LIBRARY)
      tconv_missing("Dear ImGui" libimgui-dev)
    endif()
    add_library(tconv::imgui UNKNOWN IMPORTED GLOBAL)
    set_target_properties(tconv::imgui PROPERTIES IMPORTED_LOCATION ${TCONV_IMGUI_LIBRARY})
    target_include_directories(tconv::imgui INTERFACE ${IMGUI_INCLUDE_DIRS})
    target_link_libraries(tconv::imgui INTERFACE ${TCONV_STB_LIBRARY})
    add_library(tconv::imgui_backends UNKNOWN IMPORTED GLOBAL)
    set_target_properties(tconv::imgui_backends PROPERTIES IMPORTED_LOCATION ${TCONV_IMGUI_LIBRARY})
    target_include_directories(tconv::imgui_backends INTERFACE ${TCONV_IMGUI_BACKENDS_DIR})
    target_link_libraries(tconv::imgui_backends INTERFACE tconv::imgui tconv::glfw ${CMAKE_DL_LIBS})
  endif()
endif()
