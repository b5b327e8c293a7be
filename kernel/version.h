/* SPDX-License-Identifier: MIT */
/* The version and the commit from which the image was built; the build writes version.c. */
#ifndef KERNEL_VERSION_H
#define KERNEL_VERSION_H

extern const char version_text[];

#endif
