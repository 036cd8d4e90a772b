//! The shipped conversations, as tests.
fn main() -> std::process::ExitCode {
    rehearsal::harness()
}
