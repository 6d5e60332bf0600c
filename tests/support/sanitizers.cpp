// Linked into the tools of a build with sanitizers. What these find goes into a file, so that it is found whoever started the
// process and whatever became of its standard error, and the exit code is none of ours.

// Behind its walls an extractor cannot be searched for leaks: that takes /proc. What reads documents is searched in the unit tests.
#ifdef OPS_WALLED
#define LEAKS "detect_leaks=0:"
#else
#define LEAKS ""
#endif
#define OPTIONS LEAKS "exitcode=66:log_exe_name=1:log_path=" OPS_REPORTS "/report"

extern "C" {
const char* __asan_default_options() { return OPTIONS; }
const char* __tsan_default_options() { return OPTIONS; }
const char* __ubsan_default_options() { return OPTIONS; }
}
