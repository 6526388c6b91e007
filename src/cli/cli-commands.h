/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cli-options.h"

G_BEGIN_DECLS

/* Each in cmd-NAME.c. */
extern const CliCommand cmd_info;
extern const CliCommand cmd_preprocess;
extern const CliCommand cmd_embed;
extern const CliCommand cmd_latents;
extern const CliCommand cmd_map;
extern const CliCommand cmd_patch;
extern const CliCommand cmd_index;
extern const CliCommand cmd_import_published;
extern const CliCommand cmd_latents_table;
extern const CliCommand cmd_latent;
extern const CliCommand cmd_label;
extern const CliCommand cmd_labels;
extern const CliCommand cmd_pack;
extern const CliCommand cmd_locate;
extern const CliCommand cmd_figure;
extern const CliCommand cmd_train;
extern const CliCommand cmd_stability;
extern const CliCommand cmd_measure;
extern const CliCommand cmd_sweep;
extern const CliCommand cmd_transfer;
extern const CliCommand cmd_phantom;
extern const CliCommand cmd_demo;
extern const CliCommand cmd_selftest;
extern const CliCommand cmd_barcodes;
extern const CliCommand cmd_classify;
extern const CliCommand cmd_compare;
extern const CliCommand cmd_confounds;
extern const CliCommand cmd_patients;

G_END_DECLS
