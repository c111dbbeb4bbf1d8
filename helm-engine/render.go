package main

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"helm.sh/helm/v4/pkg/chart/common"
	commonutil "helm.sh/helm/v4/pkg/chart/common/util"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"
	"helm.sh/helm/v4/pkg/engine"
	release "helm.sh/helm/v4/pkg/release/v1"
	releaseutil "helm.sh/helm/v4/pkg/release/v1/util"
)

// A renderer keeps the charts it has loaded: they are part of the operator's image, and a folder never changes.
type renderer struct {
	capabilities *common.Capabilities
	lock         sync.Mutex
	charts       map[string]*chart.Chart
}

func newRenderer(kubeVersion string) (*renderer, error) {
	version, err := common.ParseKubeVersion(kubeVersion)
	if err != nil {
		return nil, fmt.Errorf("the Kubernetes version %q cannot be used: %w", kubeVersion, err)
	}
	capabilities := common.DefaultCapabilities.Copy()
	capabilities.KubeVersion = *version
	return &renderer{capabilities: capabilities, charts: map[string]*chart.Chart{}}, nil
}

// render answers what `helm template NAME CHART -n NAMESPACE -f - --kube-version V --skip-tests` prints. These are the
// steps of Helm's own action.Install in a client-only dry run, with Helm's own functions; taken singly they need a
// third fewer packages than that action, which brings every client of Helm with it.
func (r *renderer) render(asked request) (string, error) {
	chart, err := r.load(asked.Chart)
	if err != nil {
		return "", err
	}
	values, err := loader.LoadValues(bytes.NewReader(asked.Values))
	if err != nil {
		return "", fmt.Errorf("failed to parse -: %w", err)
	}
	if err := chartutil.ProcessDependencies(chart, values); err != nil {
		return "", fmt.Errorf("chart dependencies processing failed: %w", err)
	}
	options := common.ReleaseOptions{Name: asked.Release, Namespace: asked.Namespace, Revision: 1, IsInstall: true}
	known, err := commonutil.ToRenderValues(chart, values, options, r.capabilities)
	if err != nil {
		return "", err
	}
	supported, have := chart.Metadata.KubeVersion, r.capabilities.KubeVersion
	if supported != "" && !chartutil.IsCompatibleRange(supported, have.String()) {
		return "", fmt.Errorf("chart requires kubeVersion: %s which is incompatible with Kubernetes %s", supported, have.Version)
	}
	files, err := engine.Render(chart, known)
	if err != nil {
		return "", err
	}
	for name := range files {
		if strings.HasSuffix(name, "NOTES.txt") {
			delete(files, name)
		}
	}
	hooks, manifests, err := releaseutil.SortManifests(files, nil, releaseutil.InstallOrder)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	for _, manifest := range manifests {
		fmt.Fprintf(&text, "---\n# Source: %s\n%s\n", manifest.Name, manifest.Content)
	}
	printed := strings.TrimSpace(text.String()) + "\n"
	for _, hook := range hooks {
		if !slices.Contains(hook.Events, release.HookTest) {
			printed += fmt.Sprintf("---\n# Source: %s\n%s\n", hook.Path, hook.Manifest)
		}
	}
	return printed, nil
}

// load answers a chart that this render may write into, as ProcessDependencies does.
func (r *renderer) load(folder string) (*chart.Chart, error) {
	r.lock.Lock()
	defer r.lock.Unlock()
	kept, known := r.charts[folder]
	if !known {
		loaded, err := loader.LoadDir(path.Clean(folder))
		if err != nil {
			return nil, err
		}
		if kind := loaded.Metadata.Type; kind != "" && kind != "application" {
			return nil, fmt.Errorf("%s charts are not installable", kind)
		}
		if len(loaded.Metadata.Dependencies) > 0 || len(loaded.Dependencies()) > 0 {
			return nil, errors.New("it has subcharts, and those are not supported")
		}
		r.charts[folder] = loaded
		kept = loaded
	}
	own, metadata := *kept, *kept.Metadata
	own.Metadata = &metadata
	return &own, nil
}
