// Functions of libcurl and libnghttp2, loaded at the first request: a tick that finds nothing to send must not pay for
// loading and initialising libraries of this size.
#pragma once

#include <curl/curl.h>
#include <nghttp2/nghttp2.h>

#include <string_view>

namespace http {

struct Curl {
  decltype(&::curl_global_init) global_init;
  decltype(&::curl_easy_init) easy_init;
  decltype(&::curl_easy_cleanup) easy_cleanup;
  decltype(&::curl_easy_setopt) easy_setopt;
  decltype(&::curl_easy_getinfo) easy_getinfo;
  decltype(&::curl_easy_send) easy_send;
  decltype(&::curl_easy_recv) easy_recv;
  decltype(&::curl_multi_init) multi_init;
  decltype(&::curl_multi_cleanup) multi_cleanup;
  decltype(&::curl_multi_setopt) multi_setopt;
  decltype(&::curl_multi_add_handle) multi_add_handle;
  decltype(&::curl_multi_remove_handle) multi_remove_handle;
  decltype(&::curl_multi_perform) multi_perform;
  decltype(&::curl_multi_poll) multi_poll;
  decltype(&::curl_multi_info_read) multi_info_read;
  decltype(&::curl_share_init) share_init;
  decltype(&::curl_share_setopt) share_setopt;
  decltype(&::curl_share_cleanup) share_cleanup;
  decltype(&::curl_slist_append) slist_append;
  decltype(&::curl_slist_free_all) slist_free_all;
  decltype(&::curl_url) url;
  decltype(&::curl_url_cleanup) url_cleanup;
  decltype(&::curl_url_set) url_set;
  decltype(&::curl_url_get) url_get;
  decltype(&::curl_free) free;
};

struct Nghttp2 {
  decltype(&::nghttp2_session_callbacks_new) callbacks_new;
  decltype(&::nghttp2_session_callbacks_del) callbacks_del;
  decltype(&::nghttp2_session_callbacks_set_on_header_callback) set_on_header;
  decltype(&::nghttp2_session_callbacks_set_on_frame_recv_callback) set_on_frame_recv;
  decltype(&::nghttp2_session_callbacks_set_on_data_chunk_recv_callback) set_on_data_chunk_recv;
  decltype(&::nghttp2_session_callbacks_set_on_stream_close_callback) set_on_stream_close;
  decltype(&::nghttp2_session_client_new) client_new;
  decltype(&::nghttp2_session_del) del;
  decltype(&::nghttp2_session_mem_recv) mem_recv;
  decltype(&::nghttp2_session_mem_send) mem_send;
  decltype(&::nghttp2_session_want_read) want_read;
  decltype(&::nghttp2_session_want_write) want_write;
  decltype(&::nghttp2_session_get_remote_settings) get_remote_settings;
  decltype(&::nghttp2_submit_settings) submit_settings;
  decltype(&::nghttp2_submit_request) submit_request;
  decltype(&::nghttp2_submit_rst_stream) submit_rst_stream;
};

// Load on the first call. Throw base::Error when the library is not there.
const Curl& curl();
const Nghttp2& nghttp2();

// Of OpenSSL's SSL_CTX and SSL, as libcurl hands them out.
// Offers HTTP/2 before HTTP/1.1 (ALPN, RFC 7301), and has as much read from the socket at once as there is.
void prepare_tls(void* ssl_context);
std::string_view agreed_protocol(void* ssl);  // empty when there is none
bool has_pending(void* ssl);                  // bytes that were read from the socket and not yet handed out

}  // namespace http
