#include "http/api.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <array>
#include <string>

#include "base/error.hpp"

namespace http {
namespace {

class Library {
 public:
  // `package` is what to install when it is not there.
  Library(const char* file, std::string package) : handle_(dlopen(file, RTLD_NOW | RTLD_LOCAL)), package_(std::move(package)) {
    if (handle_ == nullptr) throw base::Error(base::Outcome::runtime_error, fmt::format("{} cannot be loaded", file), "", "install " + package_);
  }

  template <class F>
  void find(const char* name, F& function) const {
    function = reinterpret_cast<F>(dlsym(handle_, name));
    if (function == nullptr)
      throw base::Error(base::Outcome::runtime_error, package_ + " is too old", fmt::format("it has no {}", name), "install a newer " + package_);
  }

 private:
  void* handle_;  // to the end of the process
  std::string package_;
};

Curl load_curl() {
  const Library library("libcurl.so.4", "libcurl4");
  Curl c{};
  library.find("curl_global_init", c.global_init);
  library.find("curl_easy_init", c.easy_init);
  library.find("curl_easy_cleanup", c.easy_cleanup);
  library.find("curl_easy_setopt", c.easy_setopt);
  library.find("curl_easy_getinfo", c.easy_getinfo);
  library.find("curl_easy_send", c.easy_send);
  library.find("curl_easy_recv", c.easy_recv);
  library.find("curl_multi_init", c.multi_init);
  library.find("curl_multi_cleanup", c.multi_cleanup);
  library.find("curl_multi_setopt", c.multi_setopt);
  library.find("curl_multi_add_handle", c.multi_add_handle);
  library.find("curl_multi_remove_handle", c.multi_remove_handle);
  library.find("curl_multi_perform", c.multi_perform);
  library.find("curl_multi_poll", c.multi_poll);
  library.find("curl_multi_info_read", c.multi_info_read);
  library.find("curl_share_init", c.share_init);
  library.find("curl_share_setopt", c.share_setopt);
  library.find("curl_share_cleanup", c.share_cleanup);
  library.find("curl_slist_append", c.slist_append);
  library.find("curl_slist_free_all", c.slist_free_all);
  library.find("curl_url", c.url);
  library.find("curl_url_cleanup", c.url_cleanup);
  library.find("curl_url_set", c.url_set);
  library.find("curl_url_get", c.url_get);
  library.find("curl_free", c.free);
  if (c.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) throw base::Error(base::Outcome::runtime_error, "libcurl cannot be initialised");
  return c;
}

Nghttp2 load_nghttp2() {
  const Library library("libnghttp2.so.14", "libnghttp2-14");
  Nghttp2 n{};
  library.find("nghttp2_session_callbacks_new", n.callbacks_new);
  library.find("nghttp2_session_callbacks_del", n.callbacks_del);
  library.find("nghttp2_session_callbacks_set_on_header_callback", n.set_on_header);
  library.find("nghttp2_session_callbacks_set_on_frame_recv_callback", n.set_on_frame_recv);
  library.find("nghttp2_session_callbacks_set_on_data_chunk_recv_callback", n.set_on_data_chunk_recv);
  library.find("nghttp2_session_callbacks_set_on_stream_close_callback", n.set_on_stream_close);
  library.find("nghttp2_session_client_new", n.client_new);
  library.find("nghttp2_session_del", n.del);
  library.find("nghttp2_session_mem_recv", n.mem_recv);
  library.find("nghttp2_session_mem_send", n.mem_send);
  library.find("nghttp2_session_want_read", n.want_read);
  library.find("nghttp2_session_want_write", n.want_write);
  library.find("nghttp2_session_get_remote_settings", n.get_remote_settings);
  library.find("nghttp2_submit_settings", n.submit_settings);
  library.find("nghttp2_submit_request", n.submit_request);
  library.find("nghttp2_submit_rst_stream", n.submit_rst_stream);
  return n;
}

struct OpenSsl {
  int (*set_alpn_protos)(void* context, const unsigned char* protocols, unsigned length);
  long (*ctx_ctrl)(void* context, int command, long value, void* more);
  std::uint64_t (*clear_options)(void* context, std::uint64_t options);
  void (*get0_alpn_selected)(const void* ssl, const unsigned char** name, unsigned* length);
  int (*has_pending)(const void* ssl);
};

const OpenSsl& openssl() {
  static const OpenSsl loaded = [] {
    const Library library("libssl.so.3", "libssl3");
    OpenSsl o{};
    library.find("SSL_CTX_set_alpn_protos", o.set_alpn_protos);
    library.find("SSL_CTX_ctrl", o.ctx_ctrl);
    library.find("SSL_CTX_clear_options", o.clear_options);
    library.find("SSL_get0_alpn_selected", o.get0_alpn_selected);
    library.find("SSL_has_pending", o.has_pending);
    return o;
  }();
  return loaded;
}

}  // namespace

const Curl& curl() {
  static const Curl loaded = load_curl();
  return loaded;
}

const Nghttp2& nghttp2() {
  static const Nghttp2 loaded = load_nghttp2();
  return loaded;
}

void prepare_tls(void* ssl_context) {
  static constexpr auto protocols = std::to_array<unsigned char>({2, 'h', '2', 8, 'h', 't', 't', 'p', '/', '1', '.', '1'});
  constexpr int set_read_ahead = 41;                      // SSL_CTRL_SET_READ_AHEAD
  constexpr std::uint64_t no_ticket = UINT64_C(1) << 14;  // SSL_OP_NO_TICKET
  openssl().set_alpn_protos(ssl_context, protocols.data(), protocols.size());
  // Otherwise each record takes a system call for its header and one for the rest.
  openssl().ctx_ctrl(ssl_context, set_read_ahead, 1, nullptr);
  // libcurl takes no tickets of TLS 1.2, without which a server that keeps no sessions itself (nginx unless told to) resumes none.
  openssl().clear_options(ssl_context, no_ticket);
}

std::string_view agreed_protocol(void* ssl) {
  const unsigned char* name = nullptr;
  unsigned length = 0;
  openssl().get0_alpn_selected(ssl, &name, &length);
  return {reinterpret_cast<const char*>(name), length};
}

bool has_pending(void* ssl) { return openssl().has_pending(ssl) == 1; }

}  // namespace http
