package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// readDocuments reads a manifest with the YAML library that Helm and Kubernetes read it with. Empty ones are left out.
func readDocuments(manifest string) ([]json.RawMessage, error) {
	reader := utilyaml.NewYAMLReader(bufio.NewReader(strings.NewReader(manifest)))
	documents := []json.RawMessage{}
	for {
		text, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return documents, nil
		}
		if err != nil {
			return nil, fmt.Errorf("the manifest is not YAML: %w", err)
		}
		document, err := yaml.YAMLToJSON(text)
		if err != nil {
			return nil, fmt.Errorf("the manifest is not YAML: %w", err)
		}
		if string(document) != "null" {
			documents = append(documents, document)
		}
	}
}
