/* SPDX-License-Identifier: MIT */
/* The version and the commit that the image was built from; the build writes version.c. */
#ifndef KERNEL_VERSION_H
#define KERNEL_VERSION_H

extern const char version_text[];

#endif
