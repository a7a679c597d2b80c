//! What the doctor says of folders, keys, clocks and addresses it is shown.
