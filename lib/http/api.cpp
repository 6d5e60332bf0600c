#include "http/api.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include "base/error.hpp"

namespace http {
namespace {

template <class F>
void find(void* library, const char* name, F& function) {
  function = reinterpret_cast<F>(dlsym(library, name));
  if (function == nullptr) throw base::Error(base::Outcome::runtime_error, "libcurl is too old", fmt::format("it has no {}", name), "install libcurl4");
}

Api load() {
  void* library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw base::Error(base::Outcome::runtime_error, "libcurl cannot be loaded", "libcurl.so.4", "install libcurl4");
  Api a{};
  find(library, "curl_global_init", a.global_init);
  find(library, "curl_easy_init", a.easy_init);
  find(library, "curl_easy_cleanup", a.easy_cleanup);
  find(library, "curl_easy_setopt", a.easy_setopt);
  find(library, "curl_easy_getinfo", a.easy_getinfo);
  find(library, "curl_multi_init", a.multi_init);
  find(library, "curl_multi_cleanup", a.multi_cleanup);
  find(library, "curl_multi_setopt", a.multi_setopt);
  find(library, "curl_multi_add_handle", a.multi_add_handle);
  find(library, "curl_multi_remove_handle", a.multi_remove_handle);
  find(library, "curl_multi_perform", a.multi_perform);
  find(library, "curl_multi_poll", a.multi_poll);
  find(library, "curl_multi_info_read", a.multi_info_read);
  find(library, "curl_slist_append", a.slist_append);
  find(library, "curl_slist_free_all", a.slist_free_all);
  if (a.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) throw base::Error(base::Outcome::runtime_error, "libcurl cannot be initialised");
  return a;
}

}  // namespace

const Api& api() {
  static const Api loaded = load();
  return loaded;
}

}  // namespace http
