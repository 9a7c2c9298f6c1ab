// SPDX-License-Identifier: Apache-2.0
// What JSX becomes: build.mjs gives these two to every file (a third smaller than the runtime form).
export { Fragment, h } from "preact";
