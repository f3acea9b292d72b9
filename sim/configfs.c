// SPDX-License-Identifier: GPL-2.0-only
/* Hosts in configfs. */

#include <linux/cleanup.h>
#include <linux/ctype.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/pci.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "directory.h"
#include "host.h"

static struct pcsim_cfs_host *to_host(struct config_item *item)
{
	return container_of(to_config_group(item), struct pcsim_cfs_host,
			    group);
}

static struct config_group *pcsim_make_port(struct config_group *group,
					    const char *name)
{
	struct pcsim_cfs_host *host = to_host(&group->cg_item);
	struct pcsim_cfs_port *port;

	guard(mutex)(&host->lock);

	if (host->sim)
		return ERR_PTR(-EBUSY);
	if (host->n_ports == PCIE_CARD_SIM_PORTS)
		return ERR_PTR(-ENOSPC);

	port = pcsim_cfs_port_alloc(host, name);
	if (!port)
		return ERR_PTR(-ENOMEM);

	list_add_tail(&port->node, &host->ports);
	host->n_ports++;

	return &port->group;
}

static void pcsim_drop_port(struct config_group *group,
			    struct config_item *item)
{
	struct pcsim_cfs_host *host = to_host(&group->cg_item);
	struct pcsim_cfs_port *port;

	port = container_of(to_config_group(item), struct pcsim_cfs_port, group);
	scoped_guard(mutex, &host->lock) {
		list_del(&port->node);
		host->n_ports--;
	}
	config_item_put(item);
}

static struct configfs_group_operations pcsim_host_group_ops = {
	.make_group = pcsim_make_port,
	.drop_item = pcsim_drop_port,
};

static void pcsim_pin_one(struct pcsim_cfs_host *host,
			  struct config_group *group, bool pin)
{
	if (pin)
		WARN_ON(configfs_depend_item_unlocked(host->group.cg_subsys,
						      &group->cg_item));
	else
		configfs_undepend_item_unlocked(&group->cg_item);
}

/* While the host is live, none of its directories can be removed. */
static void pcsim_pin(struct pcsim_cfs_host *host, bool pin)
{
	struct pcsim_cfs_image *image;
	struct pcsim_cfs_port *port;
	unsigned int i;

	pcsim_pin_one(host, &host->group, pin);
	list_for_each_entry(port, &host->ports, node) {
		pcsim_pin_one(host, &port->group, pin);
		list_for_each_entry(image, &port->images, node) {
			pcsim_pin_one(host, &image->group, pin);
			for (i = 0; i < ARRAY_SIZE(image->pfs); i++) {
				if (image->pfs[i])
					pcsim_pin_one(host,
						      &image->pfs[i]->group,
						      pin);
			}
		}
	}
}

static void pcsim_cfs_images(const struct pcsim_cfs_port *port,
			     struct pcie_card_sim_image *images)
{
	const struct pcsim_cfs_image *image;
	unsigned int i;

	list_for_each_entry(image, &port->images, node) {
		*images = image->cfg;
		for (i = 0; i < ARRAY_SIZE(image->pfs); i++) {
			if (!image->pfs[i])
				continue;
			images->fn[i] = image->pfs[i]->cfg;
			/* Directories begin with the default; 0 was written. */
			if (!images->fn[i].class)
				images->fn[i].class = PCIE_CARD_SIM_CLASS_ZERO;
		}
		images++;
	}
}

static void pcsim_cfs_free(struct pcie_card_sim_port *ports, unsigned int n)
{
	while (n--)
		kvfree(ports[n].card.images);
	kfree(ports);
}

/* The directories as an array of ports; NULL if there is no memory. */
static struct pcie_card_sim_port *pcsim_cfs_ports(struct pcsim_cfs_host *host)
{
	struct pcie_card_sim_image *images;
	struct pcie_card_sim_port *ports;
	struct pcsim_cfs_port *port;
	unsigned int i = 0;

	ports = kcalloc(host->n_ports, sizeof(*ports), GFP_KERNEL);
	if (!ports)
		return NULL;

	list_for_each_entry(port, &host->ports, node) {
		images = kvcalloc(port->n_images, sizeof(*images), GFP_KERNEL);
		if (!images) {
			pcsim_cfs_free(ports, i);
			return NULL;
		}
		pcsim_cfs_images(port, images);
		ports[i] = port->cfg;
		ports[i].card.images = images;
		ports[i].card.n_images = port->n_images;
		port->index = i++;
	}

	return ports;
}

static int pcsim_cfs_faults(struct pcsim_cfs_host *host,
			    struct pcie_card_sim *sim)
{
	struct pcsim_cfs_port *port;
	int ret;

	list_for_each_entry(port, &host->ports, node) {
		ret = pcie_card_sim_set_faults(sim, port->index, &port->faults);
		if (ret)
			return ret;
	}

	return 0;
}

/* The node at a path, NULL for none at no path, or an ERR_PTR() */
static struct device_node *pcsim_cfs_node(const char *path)
{
	struct device_node *node;

	if (!path)
		return NULL;

	node = of_find_node_by_path(path);
	if (!node)
		return ERR_PTR(-ENODEV);
	if (!of_node_is_type(node, "pci")) {
		of_node_put(node);
		return ERR_PTR(-EINVAL);
	}

	return node;
}

static int pcsim_cfs_start(struct pcsim_cfs_host *host)
{
	struct pcie_card_sim_config config = {
		.name = config_item_name(&host->group.cg_item),
		.n_ports = host->n_ports,
		.window = host->window,
		.io_window = host->io_window,
	};
	struct pcie_card_sim_port *ports;
	struct pcie_card_sim *sim;
	int ret;

	if (!host->n_ports)
		return -EINVAL;

	config.of_node = pcsim_cfs_node(host->of_path);
	if (IS_ERR(config.of_node))
		return PTR_ERR(config.of_node);

	ports = pcsim_cfs_ports(host);
	if (!ports) {
		of_node_put(config.of_node);
		return -ENOMEM;
	}

	config.ports = ports;
	sim = pcie_card_sim_create(&config);
	pcsim_cfs_free(ports, host->n_ports);
	of_node_put(config.of_node);
	if (IS_ERR(sim))
		return PTR_ERR(sim);

	ret = pcsim_cfs_faults(host, sim);
	if (ret) {
		pcie_card_sim_destroy(sim);
		return ret;
	}
	host->sim = sim;

	return 0;
}

static ssize_t pcsim_host_live_show(struct config_item *item, char *page)
{
	struct pcsim_cfs_host *host = to_host(item);

	guard(mutex)(&host->lock);

	return sprintf(page, "%u\n", !!host->sim);
}

static ssize_t pcsim_host_live_store(struct config_item *item,
				     const char *page, size_t count)
{
	struct pcsim_cfs_host *host = to_host(item);
	u64 live;
	int ret;

	ret = pcsim_cfs_num(page, 1, &live);
	if (ret)
		return ret;

	guard(mutex)(&host->lock);

	if (live == !!host->sim)
		return count;

	if (live) {
		pcsim_pin(host, true);
		ret = pcsim_cfs_start(host);
	} else {
		pcie_card_sim_destroy(host->sim);
		host->sim = NULL;
	}
	if (!host->sim)
		pcsim_pin(host, false);

	return ret ?: count;
}
CONFIGFS_ATTR(pcsim_host_, live);

static ssize_t pcsim_host_domain_show(struct config_item *item, char *page)
{
	struct pcsim_cfs_host *host = to_host(item);

	guard(mutex)(&host->lock);

	if (!host->sim)
		return -ENODEV;

	return sprintf(page, "%x\n", pcie_card_sim_domain(host->sim));
}
CONFIGFS_ATTR_RO(pcsim_host_, domain);

static ssize_t pcsim_host_of_node_show(struct config_item *item, char *page)
{
	struct pcsim_cfs_host *host = to_host(item);

	guard(mutex)(&host->lock);

	return snprintf(page, PAGE_SIZE, "%s\n", host->of_path ?: "");
}

static ssize_t pcsim_host_of_node_store(struct config_item *item,
					const char *page, size_t count)
{
	struct pcsim_cfs_host *host = to_host(item);
	struct device_node *node;
	char *path;

	if (!PCI_COMPAT_HOST_HAS_NODE)
		return -EOPNOTSUPP;

	path = kstrndup(page, strcspn(page, "\n"), GFP_KERNEL);
	if (!path)
		return -ENOMEM;

	node = pcsim_cfs_node(*path ? path : NULL);
	if (IS_ERR(node)) {
		kfree(path);
		return PTR_ERR(node);
	}
	/* It may go, and is looked for again when the host goes live. */
	of_node_put(node);

	guard(mutex)(&host->lock);

	if (host->sim) {
		kfree(path);
		return -EBUSY;
	}
	swap(host->of_path, path);
	kfree(path);
	if (!*host->of_path) {
		kfree(host->of_path);
		host->of_path = NULL;
	}

	return count;
}
CONFIGFS_ATTR(pcsim_host_, of_node);

/* A size in bytes, or with K, M or G; a multiple of @unit */
static int pcsim_cfs_size(const char *page, u64 unit, u64 max, u64 *val)
{
	char *end;

	*val = memparse(page, &end);
	if (!isdigit(*page) || *skip_spaces(end) || *val % unit)
		return -EINVAL;

	return *val <= max ? 0 : -ERANGE;
}

static ssize_t pcsim_host_store_size(struct config_item *item,
				     struct pcsim_cfs_field field, u64 unit,
				     u64 max, const char *page, size_t count)
{
	struct pcsim_cfs_host *host = to_host(item);
	u64 val;
	int ret;

	ret = pcsim_cfs_size(page, unit, max, &val);
	if (ret)
		return ret;

	guard(mutex)(&host->lock);

	if (host->sim)
		return -EBUSY;
	pcsim_cfs_set(field, val);

	return count;
}

static ssize_t pcsim_host_window_show(struct config_item *item, char *page)
{
	return sprintf(page, "%lluK\n", to_host(item)->window / SZ_1K);
}

static ssize_t pcsim_host_window_store(struct config_item *item,
				       const char *page, size_t count)
{
	return pcsim_host_store_size(item,
				     PCSIM_CFS_FIELD(to_host(item), window),
				     PCSIM_WINDOW_ALIGN, SZ_1G, page, count);
}
CONFIGFS_ATTR(pcsim_host_, window);

static ssize_t pcsim_host_io_window_show(struct config_item *item, char *page)
{
	return sprintf(page, "%uK\n", to_host(item)->io_window / SZ_1K);
}

static ssize_t pcsim_host_io_window_store(struct config_item *item,
					  const char *page, size_t count)
{
	return pcsim_host_store_size(item,
				     PCSIM_CFS_FIELD(to_host(item), io_window),
				     PCSIM_IO_ALIGN, SZ_64K, page, count);
}
CONFIGFS_ATTR(pcsim_host_, io_window);

static struct configfs_attribute *pcsim_host_attrs[] = {
	&pcsim_host_attr_live,
	&pcsim_host_attr_domain,
	&pcsim_host_attr_of_node,
	&pcsim_host_attr_window,
	&pcsim_host_attr_io_window,
	NULL
};

static void pcsim_host_release(struct config_item *item)
{
	struct pcsim_cfs_host *host = to_host(item);

	mutex_destroy(&host->lock);
	kfree(host->of_path);
	kfree(host);
}

static struct configfs_item_operations pcsim_host_item_ops = {
	.release = pcsim_host_release,
};

static const struct config_item_type pcsim_host_type = {
	.ct_item_ops = &pcsim_host_item_ops,
	.ct_group_ops = &pcsim_host_group_ops,
	.ct_attrs = pcsim_host_attrs,
	.ct_owner = THIS_MODULE,
};

static struct config_group *pcsim_make_host(struct config_group *group,
					    const char *name)
{
	struct pcsim_cfs_host *host;

	host = kzalloc(sizeof(*host), GFP_KERNEL);
	if (!host)
		return ERR_PTR(-ENOMEM);

	mutex_init(&host->lock);
	INIT_LIST_HEAD(&host->ports);
	config_group_init_type_name(&host->group, name, &pcsim_host_type);

	return &host->group;
}

static struct configfs_group_operations pcsim_subsys_group_ops = {
	.make_group = pcsim_make_host,
};

static const struct config_item_type pcsim_subsys_type = {
	.ct_group_ops = &pcsim_subsys_group_ops,
	.ct_owner = THIS_MODULE,
};

static struct configfs_subsystem pcsim_subsys = {
	.su_group = {
		.cg_item = {
			.ci_namebuf = "pcie-card-sim",
			.ci_type = &pcsim_subsys_type,
		},
	},
	.su_mutex = __MUTEX_INITIALIZER(pcsim_subsys.su_mutex),
};

int pcsim_configfs_init(void)
{
	config_group_init(&pcsim_subsys.su_group);

	return configfs_register_subsystem(&pcsim_subsys);
}

void pcsim_configfs_exit(void)
{
	configfs_unregister_subsystem(&pcsim_subsys);
}
