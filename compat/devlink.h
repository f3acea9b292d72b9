/* SPDX-License-Identifier: GPL-2.0-only */
/* What differs between kernels in devlink. features.mk looks for it. */
#ifndef _FPGA_CARD_COMPAT_DEVLINK_H
#define _FPGA_CARD_COMPAT_DEVLINK_H

#include <net/devlink.h>

/* Elsewhere devlink takes the name from the driver of the instance's device. */
static inline int compat_devlink_info_driver(struct devlink_info_req *req,
					     const char *name)
{
#ifdef FPGA_CARD_DEVLINK_DRIVER_NAME
	return devlink_info_driver_name_put(req, name);
#else
	return 0;
#endif
}

/* Elsewhere an instance can be reloaded that has the operations for it. */
static inline void compat_devlink_enable_reload(struct devlink *devlink)
{
#ifdef FPGA_CARD_DEVLINK_FEATURES
	devlink_set_features(devlink, DEVLINK_F_RELOAD);
#endif
}

static inline struct devlink_health_reporter *
compat_devlink_reporter_create(struct devlink *devlink,
			       const struct devlink_health_reporter_ops *ops,
			       void *priv)
{
#ifdef FPGA_CARD_DEVLINK_OPS_GRACE
	return devlink_health_reporter_create(devlink, ops, priv);
#else
	return devlink_health_reporter_create(devlink, ops, 0, priv);
#endif
}

/*
 * Parts of a message return errors, or devlink keeps the first one: then they return
 * nothing.
 */
#ifdef FPGA_CARD_DEVLINK_FMSG_ERRNO
#define compat_fmsg(_call)	(_call)
#else
#define compat_fmsg(_call)	({ (_call); 0; })
#endif

#endif /* _FPGA_CARD_COMPAT_DEVLINK_H */
