//! The allocator of the program: mimalloc, told to give back at once what is free.
//!
//! The system's own keeps each hashing thread's 19 MiB for itself: a cold start with many clients then
//! holds hundreds of MiB for good. This one gives them back, and is faster; but by itself only a second
//! later, and then when something else happens to be tidied up, which in a quiet server is never.
//!
//! It is a crate of its own because the setting is made by a foreign call, and nothing else of the
//! program may make any.

use libmimalloc_sys::{mi_option_set_default, mi_option_t};
pub use mimalloc::MiMalloc;

/// The place of `purge_delay` among mimalloc's options, versions 2 and 3: milliseconds that free pages
/// are kept. The bindings don't name it; a test holds it against the default.
const PURGE_DELAY: mi_option_t = 15;

/// Has free pages given back to the system at once, unless `MIMALLOC_PURGE_DELAY` says otherwise. To be
/// called before there is a second thread.
#[expect(unsafe_code, reason = "a foreign function")]
pub fn give_back_at_once() {
    // SAFETY: it changes one number of the allocator's own, which isn't safe beside other threads; so
    // it is the first thing that `main` does. A number that names no option is ignored.
    unsafe { mi_option_set_default(PURGE_DELAY, 0) }
}

#[cfg(test)]
mod tests {
    use std::ffi::c_long;

    use libmimalloc_sys::mi_option_get;

    use super::*;

    #[expect(unsafe_code, reason = "a foreign function")]
    fn delay() -> c_long {
        // SAFETY: it reads a number; this is the only test here.
        unsafe { mi_option_get(PURGE_DELAY) }
    }

    #[test]
    fn the_number_is_that_of_the_delay_and_none_is_left_of_it() {
        assert_eq!(delay(), 1000, "another option, or another default");

        give_back_at_once();

        assert_eq!(delay(), 0);
    }
}
