// Helm's template engine, as a program that stays. It reads one JSON request a line on standard input and writes one JSON
// answer a line on standard output, in the order in which they are done. It renders charts as `helm template` does and
// reads manifests into objects: no cluster, plugins, repositories or environment. It ends with its input.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"sync"
	"syscall"
)

// A request is to render a chart when it names a release, else to read a manifest.
type request struct {
	ID        int64           `json:"id"`
	Release   string          `json:"release"`
	Namespace string          `json:"namespace"`
	Chart     string          `json:"chart"`
	Values    json.RawMessage `json:"values"`
	Manifest  string          `json:"manifest"`
}

type answer struct {
	ID int64 `json:"id"`
	// Manifest is the text that `helm template` prints; absent when a manifest was only read.
	Manifest  string            `json:"manifest,omitempty"`
	Documents []json.RawMessage `json:"documents,omitempty"`
	// Error is in Helm's own words.
	Error string `json:"error,omitempty"`
}

func main() {
	kubeVersion := flag.String("kube-version", "", "Kubernetes version charts are rendered for, such as 1.33.0")
	maxBytes := flag.Int("max-bytes", 4<<20, "largest manifest that is answered")
	flag.Parse()
	// A stop is told by the end of the input, also when the terminal's signal reaches the whole process group.
	signal.Ignore(os.Interrupt, syscall.SIGTERM)
	// A render leaves 3 MB of garbage and next to nothing that stays: fewer collections for some megabytes more.
	debug.SetGCPercent(300)
	log.SetFlags(0)
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))

	renderer, err := newRenderer(*kubeVersion)
	if err != nil {
		log.Fatal(err)
	}
	serve(os.Stdin, os.Stdout, func(line []byte) []byte { return respond(renderer, *maxBytes, line) })
}

// serve answers as many requests at once as there are processors. It returns when the input has ended and all is answered.
func serve(input io.Reader, output io.Writer, respond func([]byte) []byte) {
	lines := make(chan []byte)
	var workers sync.WaitGroup
	var writing sync.Mutex
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for line := range lines {
				out := respond(line)
				writing.Lock()
				if _, err := output.Write(out); err != nil {
					log.Fatal("nobody reads the answers: ", err)
				}
				writing.Unlock()
			}
		})
	}
	reader := bufio.NewReaderSize(input, 1<<16)
	for {
		line, err := reader.ReadBytes('\n')
		if err != nil {
			break
		}
		lines <- line
	}
	close(lines)
	workers.Wait()
}

// respond does not panic: what makes Helm panic is an error of one request.
func respond(renderer *renderer, maxBytes int, line []byte) (out []byte) {
	var asked request
	defer func() {
		if problem := recover(); problem != nil {
			out = encode(answer{ID: asked.ID, Error: fmt.Sprintf("Helm's engine panicked: %v", problem)})
		}
	}()
	if err := json.Unmarshal(line, &asked); err != nil {
		return encode(answer{ID: asked.ID, Error: err.Error()})
	}
	given, err := work(renderer, maxBytes, asked)
	if err != nil {
		return encode(answer{ID: asked.ID, Error: err.Error()})
	}
	return encode(given)
}

func work(renderer *renderer, maxBytes int, asked request) (answer, error) {
	given := answer{ID: asked.ID}
	manifest := asked.Manifest
	if asked.Release != "" {
		rendered, err := renderer.render(asked)
		if err != nil {
			return given, err
		}
		if len(rendered) > maxBytes {
			return given, fmt.Errorf("the manifest is larger than %d bytes; make the chart smaller", maxBytes)
		}
		manifest, given.Manifest = rendered, rendered
	}
	documents, err := readDocuments(manifest)
	given.Documents = documents
	return given, err
}

func encode(given answer) []byte {
	line, err := json.Marshal(given)
	if err != nil {
		line, _ = json.Marshal(answer{ID: given.ID, Error: err.Error()})
	}
	return append(line, '\n')
}
