// Kernel interfaces that Debian 12's headers do not name yet, and the three ioctls of a listener.
#pragma once
#include <cstdint>
#include <linux/seccomp.h>
#include <sys/ioctl.h>

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS  // Linux 6.6
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif
#ifndef PIDFD_THREAD      // Linux 6.9
#define PIDFD_THREAD 0200 /* O_EXCL */
#endif
