/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mailbox of the management controller on simulated cards: a vendor-specific
 * extended capability. Offsets are from the start of the capability.
 */
#ifndef _SIM_BMC_REGS_H
#define _SIM_BMC_REGS_H

#define SIM_BMC_VSEC_ID		0x5342
#define SIM_BMC_VSEC_REV	1
#define SIM_BMC_VSEC_LEN	0x44

/* Every function of a simulated card has this vendor-specific capability. */
#define SIM_FN_VSEC_ID		0x5343

#define SIM_BMC_MAGIC		0x08
#define SIM_BMC_MAGIC_VAL	0x434d4253

#define SIM_BMC_STATUS		0x0c
#define SIM_BMC_STATUS_BUSY	0x00000001	/* a load is under way */
#define SIM_BMC_STATUS_ERR	0x00000002	/* the last command failed */
#define SIM_BMC_STATUS_STAGED	0x00000004	/* a file is staged */
#define SIM_BMC_STATUS_CODE	0x0000ff00	/* why, see below */
#define SIM_BMC_STATUS_IMAGES	0xffff0000	/* images in flash */

#define SIM_BMC_CODE_COMMAND	1	/* no such command */
#define SIM_BMC_CODE_INDEX	2	/* no such image */
#define SIM_BMC_CODE_BUSY	3	/* not now */
#define SIM_BMC_CODE_REFUSED	4	/* the card does not do it */
#define SIM_BMC_CODE_STAGE	5	/* staging was not begun, or is short */
#define SIM_BMC_CODE_FILE	6	/* the file is not for this card */

#define SIM_BMC_CMD		0x10
#define SIM_BMC_CMD_OP		0x000000ff
#define SIM_BMC_CMD_ARG		0xffffff00
#define SIM_BMC_OP_SELECT	1	/* argument: index of the image */
#define SIM_BMC_OP_LOAD		2	/* argument: index of the image */
#define SIM_BMC_OP_STAGE_BEGIN	3	/* argument: size in blocks */
#define SIM_BMC_OP_STAGE_END	4
#define SIM_BMC_OP_LOAD_STAGED	5
#define SIM_BMC_OP_SELECT_RUNNING 6
#define SIM_BMC_OP_SELECT_BOOT	7	/* what the card starts with at power-on */
#define SIM_BMC_OP_SET_BOOT	8	/* argument: index of the image */
#define SIM_BMC_OP_STAGE_CHUNK	9	/* argument: blocks at the start of BAR 0 */
#define SIM_BMC_BLOCK		64	/* bytes; the last one of a file is padded */

/* While staging, each write of a dword appends four bytes. */
#define SIM_BMC_DATA		0x14

/* Index of the image that runs; all ones if it came as a file. */
#define SIM_BMC_RUNNING		0x18
#define SIM_BMC_RUNNING_FILE	0xffff

/* Of the image that is selected: times in milliseconds, name */
#define SIM_BMC_TIME		0x1c
#define SIM_BMC_NAME		0x20
#define SIM_BMC_NAME_LEN	0x20
#define SIM_BMC_HOLD		0x40

#endif /* _SIM_BMC_REGS_H */
