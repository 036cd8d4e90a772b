//! Text as conversations use it: with `${names}`, as patterns, alike but for typography,
//! and made safe for a terminal.

pub mod alike;
mod expression;
mod findable;
pub mod fnv;
mod host;
pub mod json;
pub mod layout;
pub mod milliseconds;
pub mod pattern;
pub mod placeholder;
pub mod printable;
pub mod scrub;
pub mod template;
pub mod word_diff;

pub use host::is_loopback;
pub use pattern::Pattern;
pub use printable::{one_line, printable};
pub use scrub::Scrubber;
pub use template::{Bindings, Template, UndefinedVariable};
